/** A job with its progress, over a WebSocket where there is one: node live.mjs API_URL KEY PAGE_URL */
import { createClient } from '@gleaner/sdk';

const [url, key, page] = process.argv.slice(2);
const gleaner = createClient({ url, key });

const { id } = await gleaner.startJob({ kind: 'extract', input: { url: page, fresh: true } });
for await (const message of gleaner.live(id)) {
  if (message.kind === 'event') console.log(JSON.stringify({ event: message.event.type, stage: message.event.stage }));
  else console.log(JSON.stringify({ state: message.job.state, ...message.job.progress }));
}
