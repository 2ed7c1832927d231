/** The whole system with a model behind OPENAI_BASE_URL: what it is asked, what is charged, and what histories know of it. */
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completion } from '../../libs/models/src/test-support/openai-wire.js';
import { type Wire, type WireAnswer, silence, startWire } from '../../libs/models/src/test-support/wire-server.js';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, kill, startGleaner, waitUntil } from '../support/gleaner.js';
import { readableText } from '../support/payload-text.js';

const KEY = 'sk-system-test-secret';
const WISH = 'WISH-OF-THE-CALLER how the story ends';
const MAX_MESSAGE_BYTES = 10_000;

let site: FixtureSite;
let gleaner: Gleaner;
let wire: Wire;
/** Answers that come first, in place of the usual one. */
const first: WireAnswer[] = [];

beforeAll(async () => {
  site = await startFixtureSite();
  wire = await startWire(() => first.shift() ?? completion(JSON.stringify({ ending: 'in winter' })));
  gleaner = await startGleaner({
    allow: [site.address],
    environment: {
      OPENAI_BASE_URL: `${wire.url}/v1`,
      OPENAI_API_KEY: KEY,
      GLEANER_MODELS: 'extract=openai:sim-model|json;learn=none;answer=none;embed=none',
    },
  });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await wire.close();
});

const extract = (n: number, asked: object) =>
  gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-${n}`, embed: false, ...asked } }, { waitSeconds: 60 });
const FIELDS = { author: {}, ending: { description: WISH } } as const;

describe('a system with a model', () => {
  it('serves what rules find without it, asks it once for the rest, and says so', async () => {
    const job = await extract(1, { fields: FIELDS });
    expect(job).toMatchObject({ state: 'completed', usage: { modelCalls: 1, modelCallsAvoided: 0, tokens: 18 } });
    expect(wire.requests).toHaveLength(1);
    expect(wire.requests[0]?.headers['authorization']).toBe(`Bearer ${KEY}`);
    const document = await gleaner.client.result(job.id);
    expect(document.fields).toMatchObject({ author: 'Ada Marlow', ending: 'in winter' });
    expect(Object.keys(document.fields)).toHaveLength(2);
    expect(document.extraction.method).not.toBe('model');
    expect(document.extraction.fields).toMatchObject({ valid: true, missing: [], modelCalls: 1, model: 'openai:sim-model' });
    expect(document.evidence['ending']).toMatchObject({ method: 'model', model: 'openai:sim-model' });
    expect(document.evidence['fields.author']).toMatchObject({ verbatim: true, selector: expect.any(String) });
  });

  it('asks nobody where nothing is missing, and nobody where nothing is asked', async () => {
    const before = wire.requests.length;
    const served = await extract(2, { fields: { author: {} } });
    expect(served.usage).toMatchObject({ modelCalls: 0, modelCallsAvoided: 1 });
    const plain = await extract(3, {});
    expect(plain.usage).toMatchObject({ modelCalls: 0, modelCallsAvoided: 0 });
    expect(wire.requests).toHaveLength(before);
  });

  it('counts an activity once that dies while the model thinks', async () => {
    const before = wire.requests.length;
    first.push(silence);
    const { id } = await gleaner.client.startJob({
      kind: 'extract',
      input: { url: `${site.url}/news/story-4`, embed: false, fields: FIELDS },
    });
    await waitUntil(async () => wire.requests.length > before, 60_000);
    kill((await gleaner.pids())['worker-cpu'] ?? 0);
    const job = await gleaner.client.wait(id);
    expect(job).toMatchObject({ state: 'completed', usage: { modelCalls: 1, tokens: 18 } });
    expect(wire.requests).toHaveLength(before + 2);
  });

  it('takes a schema that is larger than a message', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`part${n}`, { type: 'string', description: `${WISH} ${'x'.repeat(350)}` }]),
    );
    const job = await extract(5, { schema: { type: 'object', required: ['part1'], properties } });
    expect(job.state).toBe('completed');
    const { extraction } = await gleaner.client.result(job.id);
    expect(extraction.fields?.missing).toContainEqual({ path: 'part1', required: true, reason: expect.any(String) });
    expect(extraction.fields?.valid).toBe(false);
  });

  it('says which models are set, to an API that has no key', async () => {
    const { models } = await gleaner.client.system();
    expect(models).toEqual([{ role: 'extract', provider: 'openai', model: 'sim-model', configured: true }]);
  });

  it('keeps key, prompts, wishes and pages out of every workflow history', async () => {
    const connection = await Connection.connect({ address: gleaner.ready.temporal });
    const client = new Client({ connection });
    const histories: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of events ?? []) {
        const text = readableText(event);
        expect(Buffer.byteLength(text)).toBeLessThan(MAX_MESSAGE_BYTES);
        histories.push(text);
      }
    }
    await connection.close();
    const all = histories.join('\n');
    expect(all).toContain('/news/story-4');
    for (const secret of [KEY, 'WISH-OF-THE-CALLER', 'You read one web page', 'BEGIN ', markOf(4), 'in winter'])
      expect(all).not.toContain(secret);
    const asked = JSON.stringify(wire.requests.map(({ body }) => body));
    for (const shown of ['WISH-OF-THE-CALLER', 'You read one web page', 'BEGIN ', markOf(4)]) expect(asked).toContain(shown);
  });
});
