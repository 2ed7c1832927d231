/** What was learned of a site, and which version serves: node sites.mjs API_URL KEY HOST */
import { createClient } from '@gleaner/sdk';

const [url, key, host] = process.argv.slice(2);
const gleaner = createClient({ url, key });

for (const { shape, templateId } of await gleaner.templates(host)) {
  for (const { version, state, scores } of await gleaner.versions(host, templateId)) {
    console.log(JSON.stringify({ shape, version, state, score: scores.mean }));
  }
}
