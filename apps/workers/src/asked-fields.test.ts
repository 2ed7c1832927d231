/** Asked fields through the real extract activity: parsing as in the threads, models against providers on loopback. */
import type { ExtractInput, ExtractedPage, FieldReader, JobRecord, TemplateHealth } from '@gleaner/domain';
import { type CpuTasks, createExtractActivities } from '@gleaner/activities';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { content, geminiError } from '../../../libs/models/src/test-support/gemini-wire.js';
import { completion, openAiError } from '../../../libs/models/src/test-support/openai-wire.js';
import { simulate } from '../../../libs/models/src/test-support/simulation.js';
import { truncated } from '../../../libs/models/src/test-support/wire-server.js';
import * as thread from './cpu-thread.js';
import { memoryBlobs, memoryLog, oneTemplate, storedPage } from './test-support/memory-stage.js';

const URL_OF_PAGE = 'https://quay.example/ware/1';
const PAGE = `<html lang="en"><head><title>Storm lantern | Quay</title></head><body><nav>Quay</nav><main><h1>Storm lantern</h1>
${'<p>The storm lantern keeps its light in every wind, and harbors have trusted it for a hundred years of winters.</p>'.repeat(4)}
<table><tr><th>Height</th><td>204 mm</td></tr><tr><th>Released</th><td>5 March 2026</td></tr></table>
<p>It is sold with a promise of twelve seasons, and it burns forty hours on one filling.</p></main></body></html>`;

/** Attempts that ended with no fault of their own. */
const WAITS = 6;

const unused = (): never => {
  throw new Error('is not asked here');
};
const direct: CpuTasks = {
  extract: async (input) => thread.extract(input),
  acceptAnswers: async (input) => thread.acceptAnswers(input),
  prune: unused,
  crawlPages: unused,
  sampleCandidates: unused,
  chunk: unused,
  learn: unused,
  analyze: unused,
};

/** One extract job: its blobs, its log by the rule that a key counts once, its row. */
function bench(input: Omit<ExtractInput, 'url'>, reader: FieldReader | null) {
  const blobs = memoryBlobs();
  const { jobLog, usage, messages } = memoryLog();
  const activities = createExtractActivities({
    blobs,
    jobLog,
    reader,
    cpu: direct,
    health: {} as TemplateHealth,
    jobs: { get: async () => ({ input: { url: URL_OF_PAGE, ...input } }) as Partial<JobRecord> as JobRecord },
    pageTemplates: oneTemplate(() => ({ kind: 'unlearnable', until: '', reason: '' })),
  });
  return {
    usage,
    messages,
    /** `attempt` of those that count, from 1; Temporal has counted waits for a worker besides. */
    async run(attempt = 1): Promise<ExtractedPage> {
      const snapshot = await storedPage(blobs, URL_OF_PAGE, PAGE);
      const environment = new MockActivityEnvironment(
        { attempt: attempt + WAITS, heartbeatDetails: { counted: attempt - 1 } },
        { logger: new DefaultLogger('ERROR') },
      );
      const extract = () => activities.extractDocument({ jobId: 'job_1', snapshot, unknownTemplate: 'general', askedBy: 'usr_1' });
      const outcome = await environment.run<[], Awaited<ReturnType<typeof extract>>, typeof extract>(extract);
      if (outcome.kind !== 'extracted') throw new Error(outcome.kind);
      return JSON.parse(Buffer.from(await blobs.get(outcome.page.hash)).toString()) as ExtractedPage;
    },
  };
}

const FIELDS = {
  height: {},
  released: { type: 'date' },
  'burning hours': { type: 'integer', description: 'Hours on one filling' },
} as const;
const CHAIN = { GLEANER_MODELS: 'extract=gemini:gemini-3.8-flash,openai:gpt-4.1-mini;learn=none;answer=none;embed=none' };
const ANSWER = JSON.stringify({ burning_hours: 40 });

describe('fields that a job asks for', () => {
  it('come from the page without a model, and the rest from the model of the chain that answers, in one call', async () => {
    await using simulation = await simulate({ gemini: content(ANSWER), openai: completion(ANSWER) }, CHAIN);
    const job = bench({ fields: FIELDS }, simulation.models.fieldReader);
    const page = await job.run();
    expect(page.fields).toEqual({ height: '204 mm', released: '2026-03-05', 'burning hours': 40 });
    expect(page.fieldReport).toMatchObject({
      methods: { height: 'general', released: 'general', 'burning hours': 'model' },
      missing: [],
      valid: true,
      modelCalls: 1,
      modelCallsAvoided: 0,
      model: 'gemini:gemini-3.8-flash',
    });
    expect(page.method).toBe('general');
    expect(page.evidence['height']).toMatchObject({ source: 'text', selector: expect.any(String), verbatim: true });
    expect(page.evidence['burning hours']).toEqual({
      source: 'text',
      method: 'model',
      model: 'gemini:gemini-3.8-flash',
      verbatim: false,
    });
    expect(simulation.wire('openai').requests).toHaveLength(0);
    const [asked] = simulation.wire('gemini').requests;
    const text = JSON.stringify(asked?.body);
    expect(text).toContain('twelve seasons');
    // Only what is missing is asked for.
    expect(text).not.toContain('"released"');
    expect([...job.usage.values()]).toEqual([expect.objectContaining({ modelCalls: 1, tokens: 20 })]);
    expect(job.messages).toEqual([expect.stringContaining('3 of 3 fields, 1 of them by gemini:gemini-3.8-flash')]);
  });

  it.each([
    ['a 5xx', geminiError(503)],
    ['a 429', geminiError(429)],
    ['a key that is refused', geminiError(403)],
    ['an answer that is cut', truncated({ candidates: [{ content: { parts: [{ text: ANSWER }] } }] })],
  ])('move on to the next model after %s', async (_, failure) => {
    await using simulation = await simulate({ gemini: failure, openai: completion(ANSWER) }, CHAIN);
    const page = await bench({ fields: FIELDS }, simulation.models.fieldReader).run();
    expect(page.fields).toMatchObject({ 'burning hours': 40 });
    expect(page.fieldReport).toMatchObject({ model: 'openai:gpt-4.1-mini' });
  });

  it('make no call where rules serve them all, and say that one was avoided', async () => {
    await using simulation = await simulate({ openai: completion(ANSWER) }, { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini' });
    const job = bench({ fields: { height: {} } }, simulation.models.fieldReader);
    expect((await job.run()).fieldReport).toMatchObject({ modelCalls: 0, modelCallsAvoided: 1, model: null, valid: true });
    expect(simulation.wire('openai').requests).toHaveLength(0);
  });

  it('are left empty without a key, in a job that completes, and those that are required are named', async () => {
    await using simulation = await simulate({});
    expect(simulation.models.fieldReader).toBeNull();
    const schema = { type: 'object', required: ['hours'], properties: { height: { type: 'string' }, hours: { type: 'integer' } } };
    const page = await bench({ schema }, simulation.models.fieldReader).run();
    expect(page.fields).toEqual({ height: '204 mm' });
    expect(page.fieldReport).toMatchObject({
      missing: [{ path: 'hours', required: true, reason: 'not_found' }],
      valid: false,
      modelCalls: 0,
      modelCallsAvoided: 0,
    });
  });

  it('are asked for again while a model fails in a way that may pass, then left empty with the reason', async () => {
    await using simulation = await simulate({ openai: openAiError(500) }, { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini' });
    const job = bench({ fields: FIELDS }, simulation.models.fieldReader);
    await expect(job.run(1)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    const page = await job.run(3);
    expect(page.fields).toEqual({ height: '204 mm', released: '2026-03-05' });
    // The call of each attempt is one and the same, and it left: it counts, although nothing came of it.
    expect(page.fieldReport).toMatchObject({ problem: { code: 'MODEL_FAILED' }, model: null, valid: true, modelCalls: 1, tokens: 0 });
    expect([...job.usage.values()]).toEqual([expect.objectContaining({ modelCalls: 1, modelCallsAvoided: 0 })]);
    expect(JSON.stringify(page)).not.toContain('secret');
  });

  it('are left empty at once when the budget of the job is used up', async () => {
    await using simulation = await simulate(
      { openai: completion(ANSWER) },
      { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini', GLEANER_MODEL_TOKENS_PER_JOB: '10' },
    );
    const page = await bench({ fields: FIELDS }, simulation.models.fieldReader).run();
    expect(page.fieldReport).toMatchObject({ problem: { code: 'MODEL_BUDGET_REACHED' }, modelCalls: 0 });
    expect(simulation.wire('openai').requests).toHaveLength(0);
  });

  it('are charged once when the activity is tried again', async () => {
    await using simulation = await simulate({ openai: completion(ANSWER) }, { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini' });
    const job = bench({ fields: FIELDS }, simulation.models.fieldReader);
    const first = await job.run(1);
    const again = await job.run(2);
    expect(again).toEqual(first);
    expect(simulation.wire('openai').requests).toHaveLength(1);
    expect(simulation.budget.used('job:job_1')).toMatchObject({ calls: 1, tokens: 18 });
    expect(job.usage.size).toBe(1);
  });

  it('take lists of objects from a model, in the types of their schema', async () => {
    const parts = [
      { name: 'wick', price: 2.5, made: { where: 'Lark Holm' } },
      { name: 'glass', price: null, made: { where: null } },
    ];
    await using simulation = await simulate({ openai: completion(JSON.stringify({ parts })) }, { GLEANER_MODELS: 'extract=openai:m|json' });
    const item = {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        price: { type: 'number' },
        made: { type: 'object', properties: { where: { type: 'string' } } },
      },
    };
    const schema = { type: 'object', properties: { parts: { type: 'array', items: item, maxItems: 5 } } };
    const page = await bench({ schema }, simulation.models.fieldReader).run();
    expect(page.fields).toEqual({ parts: [{ name: 'wick', price: 2.5, made: { where: 'Lark Holm' } }, { name: 'glass' }] });
    expect(page.fieldReport?.methods).toEqual({ parts: 'model' });
  });

  it('tell a model no name that providers refuse', async () => {
    await using simulation = await simulate({ openai: completion('{}') }, { GLEANER_MODELS: 'extract=openai:m|json' });
    const fields = { 'Brenndauer in Stunden': {}, größe: {}, gr__e: {}, __proto__x: {} };
    await bench({ fields }, simulation.models.fieldReader).run(3);
    const [asked] = simulation.wire('openai').requests;
    const names = [...JSON.stringify(asked?.body).matchAll(/\\"([^"\\]+)\\":\{\\"type/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(name).toMatch(/^[A-Za-z][\w-]{0,63}$/);
  });
});
