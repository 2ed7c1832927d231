import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouteTable } from './http/route-table.js';
import { describeApi } from './describe-api.js';
import { type TestApi, startTestApi } from './test-support/test-api.js';
import { DOCUMENT } from './test-support/samples.js';

let api: TestApi;
let document: ReturnType<typeof JSON.parse>;
beforeAll(async () => {
  api = await startTestApi();
  document = (await api.call('/openapi.json', { key: null })).json;
});
afterAll(() => api.close());

type Loose = ReturnType<typeof JSON.parse>;
const operations = () =>
  Object.entries<Loose>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Loose>(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the OpenAPI document', () => {
  it('is the same without listening', async () => {
    expect(await describeApi()).toEqual(document);
  });

  it('names every route that is served, and no other', () => {
    const served = api.app
      .get(RouteTable)
      .all()
      .filter((route) => !route.startsWith('HEAD ') && !/^GET \/(docs|openapi\.json|api\/v1\/jobs\/:id\/live$)/.test(route));
    const named = operations().map(({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    expect(named.toSorted()).toEqual(served.toSorted());
    expect(named).toContain('POST /api/v1/jobs/:id/cancel');
  });

  it('is OpenAPI 3.1 whose references and schemas hold', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
    expect(text).not.toMatch(/"~standard"|#\/\$defs/);
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'api');
    for (const name of Object.keys(document.components.schemas))
      expect([name, typeof ajv.getSchema(`api#/components/schemas/${name}`)]).toEqual([name, 'function']);
  });

  it('says of every operation what it answers, which errors it has and which key it needs', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations()) {
      expect(operation.summary).toMatch(/\w/);
      expect(operation.responses[422].content['application/problem+json'].schema).toEqual({ $ref: '#/components/schemas/Problem' });
      const isPublic = path.startsWith('/health') || path === '/metrics';
      expect([path, operation.security]).toEqual([path, isPublic ? [] : [{ key: [] }]]);
      expect([path, Object.hasOwn(operation.responses, '401')]).toEqual([path, !path.startsWith('/health')]);
      for (const name of path.match(/(?<=\{)\w+/g) ?? [])
        expect(operation.parameters.map((parameter: { name: string }) => parameter.name)).toContain(name);
    }
    const start = document.paths['/api/v1/jobs'].post;
    expect(start.requestBody.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/JobRequest' });
    expect(start.parameters.map(({ name }: { name: string }) => name).toSorted()).toEqual(['Idempotency-Key', 'Prefer']);
    expect(Object.keys(start.responses).toSorted()).toEqual(['200', '202', '400', '401', '403', '413', '415', '422', '429', '500', '503']);
    expect(document.paths['/api/v1/jobs'].get.parameters.map(({ name }: { name: string }) => name).toSorted()).toEqual([
      'cursor',
      'kind',
      'label',
      'limit',
      'since',
      'state',
    ]);
    expect(Object.keys(document.paths['/api/v1/jobs/{id}/result'].get.responses[200].content)).toEqual([
      'application/json',
      'application/x-ndjson',
      'application/zip',
      'text/markdown',
    ]);
    expect(document.paths['/api/v1/jobs/{id}/retry'].post.requestBody.required ?? false).toBe(false);
  });

  it('accepts what is really sent and refuses what is not', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(document, 'api');
    const valid = (name: string, value: unknown) => ajv.validate(`api#/components/schemas/${name}`, value) || ajv.errorsText();
    const body = { kind: 'extract', input: { url: 'https://example.com/' } };
    const job = (await api.call('/api/v1/jobs', { method: 'POST', body })).json;
    expect(valid('JobRequest', body)).toBe(true);
    expect(valid('JobRequest', { ...body, more: 1 })).not.toBe(true);
    expect(valid('Job', job)).toBe(true);
    expect(valid('Document', (await api.call(`/api/v1/documents/${DOCUMENT.id}?include=html,snapshot`)).json)).toBe(true);
    expect(valid('Problem', (await api.call('/api/v1/nothing')).json)).toBe(true);
    await api.jobs.started(job.id, { workflowId: 'w', runId: 'r' });
    expect(valid('JobEvent', (await api.jobs.events(job.id, 0, 1))[0])).toBe(true);
    expect(valid('JobEvent', { seq: 0 })).not.toBe(true);
  });
});
