/** Requests made from the OpenAPI document, valid and bent, against the running API: no 5xx, and every answer as documented. Seeded. */
import type { UserRegister } from '@gleaner/domain';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from './describe-api.js';
import { NO_OWNERS } from './test-support/memory-owners.js';
import { ledgerPage } from './test-support/memory-ledger.js';
import { DOCUMENT, VERSION } from './test-support/samples.js';
import { type TestApi, startTestApi } from './test-support/test-api.js';

type Loose = ReturnType<typeof JSON.parse>;
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Loose;
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Loose;
  readonly responses: Record<string, { content?: Record<string, { schema?: Loose }> }>;
}
interface Call {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** Temporal is away in these tests, and says so with this; it is documented where it can happen. */
const AWAY = new Set([503]);
const RUNS_A_ROUTE = 40;
const SEED = 20_261_121;

const document: Loose = await describeApi();
const routes: Route[] = Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Loose>(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    parameters: operation.parameters ?? [],
    body: operation.requestBody?.content?.['application/json']?.schema,
    responses: operation.responses,
  })),
);

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '0', '-1', '../..', '%00', 'null'),
);
const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), text, fc.constantFrom(2 ** 53, -1, 1e308, null, [], {}));

/** Mostly values that the schema allows, sometimes any. */
function valueOf(schema: Loose, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: allowed(schema, depth) }, { weight: 1, arbitrary: junk });
}

function allowed(schema: Loose, depth: number): fc.Arbitrary<unknown> {
  if (schema?.$ref) return allowed(document.components.schemas[schema.$ref.split('/').at(-1)], depth);
  const choices = schema?.oneOf ?? schema?.anyOf;
  if (choices) return fc.oneof(...choices.map((choice: Loose) => allowed(choice, depth)));
  if (schema?.const !== undefined) return fc.constant(schema.const);
  if (schema?.enum) return fc.constantFrom(...schema.enum);
  if (schema?.format === 'uri')
    return fc.oneof(fc.webUrl(), fc.constantFrom('http://[::1]/', 'https://example.com/ä?b#c', 'HTTP://EXAMPLE.com:80'));
  if (schema?.format === 'date-time')
    return fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59+23:59'),
    );
  return allowedOfType(schema ?? {}, depth);
}

function allowedOfType(schema: Loose, depth: number): fc.Arbitrary<unknown> {
  const { minimum = -5, maximum = 2 ** 31 } = schema;
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const required = Object.keys(schema.properties ?? {}).filter((name) => (schema.required ?? []).includes(name));
      const members = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, part]) => [name, valueOf(part, depth + 1)]));
      return fc.record(members, { requiredKeys: required });
    }
    case 'array':
      return depth > 4 ? fc.constant([]) : fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 4 });
    case 'integer':
    case 'number':
      return fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31) });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return schema.pattern ? fc.oneof(fc.stringMatching(new RegExp(schema.pattern)), text) : text;
    default:
      return junk;
  }
}

const known: Record<string, () => string[]> = {
  jobs: () => [...api.jobs.records.keys()].slice(-3),
  documents: () => [DOCUMENT.id],
  sites: () => [VERSION.site],
  templates: () => [VERSION.templateId],
  versions: () => [String(VERSION.version)],
};

function callOf(route: Route): fc.Arbitrary<Call> {
  const parts = route.path.split('/').map((part, index, all) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const ids = known[all[index - 1] ?? '']?.() ?? [];
    return fc
      .oneof({ weight: 3, arbitrary: fc.constantFrom(...(ids.length > 0 ? ids : ['x'])) }, { weight: 1, arbitrary: text })
      .map(escaped);
  });
  const inPlace = (place: string) =>
    fc.record(
      Object.fromEntries(route.parameters.filter((parameter) => parameter.in === place).map(({ name, schema }) => [name, valueOf(schema)])),
      { requiredKeys: [] },
    );
  const extra = fc.option(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), text), { freq: 8 });
  const body =
    route.body === undefined
      ? fc.constant(undefined)
      : fc.oneof({ weight: 9, arbitrary: valueOf(route.body).map((value) => JSON.stringify(value)) }, { weight: 1, arbitrary: text });
  return fc.tuple(fc.tuple(...parts), inPlace('query'), inPlace('header'), extra, body).map(([path, query, headers, more, sent]) => {
    const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
    const search = new URLSearchParams(
      [...pairs, ...(more === null ? [] : [more])].map(([name = '', value = '']): [string, string] => [name, wellFormed(value)]),
    );
    const plain = Object.entries(headers).map(([name, value]) => [
      name,
      String(value)
        .replaceAll(/[^\x20-\x7e]/g, '')
        .trim(),
    ]);
    return { url: `${path.join('/')}${search.size > 0 ? `?${search}` : ''}`, headers: quick(Object.fromEntries(plain)), body: sent };
  });
}

/** No wait of a minute. */
function quick(headers: Record<string, string>): Record<string, string> {
  return 'Prefer' in headers ? { ...headers, Prefer: 'wait=0' } : headers;
}

/** Half a character cannot be sent. */
function wellFormed(value: string): string {
  return value.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

/** `.` and `..` are resolved by the client: they never arrive as a part of a path. */
function escaped(part: string): string {
  const encoded = encodeURIComponent(wellFormed(part));
  return /^\.{0,2}$/.test(encoded) ? 'none' : encoded;
}

let api: TestApi;
const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'api');

beforeAll(async () => {
  const create: UserRegister['create'] = async (draft) => ({ ...draft, id: 'usr_9', createdAt: DOCUMENT.fetchedAt });
  const { userRegister } = NO_OWNERS;
  api = await startTestApi({ timings: { startTimeoutMs: 5 }, platform: { userRegister: { ...userRegister, create } } });
  for (const state of ['completed', 'failed', 'cancelled'] as const) {
    const body = { kind: 'extract', input: { url: `https://example.com/${state}` } };
    const { json } = await api.call('/api/v1/jobs', { method: 'POST', body });
    await api.jobs.finish(json.id, { state, ...(state === 'completed' ? { result: { documentId: DOCUMENT.id } } : {}) });
  }
  const crawl = { kind: 'crawl', input: { url: 'https://example.com/', limit: 3 } };
  const { json } = await api.call('/api/v1/jobs', { method: 'POST', body: crawl });
  api.ledger.crawls.set(json.id, [
    ledgerPage(DOCUMENT.url, { documentId: DOCUMENT.id }),
    ledgerPage('https://example.com/x', { state: 'queued' }),
  ]);
  await api.jobs.finish(json.id, { state: 'completed', result: { pages: 1 } });
});
afterAll(() => api.close());

async function expectDocumented(route: Route, { url, headers, body }: Call): Promise<void> {
  const answer = await api.call(url, { method: route.method, headers, ...(body === undefined ? {} : { text: body }) });
  const told = route.responses[String(answer.status)];
  expect(told, `${answer.status} is not documented: ${answer.text.slice(0, 300)}`).toBeDefined();
  expect(answer.status < 500 || AWAY.has(answer.status), answer.text.slice(0, 300)).toBe(true);
  const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  const schema = told?.content?.[type]?.schema;
  expect(schema, `${answer.status} as ${type} is not documented`).toBeDefined();
  if (answer.json === undefined) return;
  const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
  expect(ajv.validate(inDocument, answer.json) || ajv.errorsText()).toBe(true);
}

describe('any request that the document can describe', () => {
  it.each(routes.filter(({ path }) => !path.endsWith('/events')).map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s',
    async (_, route) => {
      await fc.assert(
        fc.asyncProperty(callOf(route), (call) => expectDocumented(route, call)),
        { numRuns: RUNS_A_ROUTE, seed: SEED, interruptAfterTimeLimit: 10_000 },
      );
    },
  );
});
