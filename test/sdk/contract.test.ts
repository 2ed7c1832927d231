/** The SDK writes its types by hand, because it is published alone: here they are held against the OpenAPI document of the API. */
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@gleaner/sdk';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeApi } from '../../apps/api/src/describe-api.js';
import { type JsonSchema, typesOf } from './openapi-types.js';

const SDK = fileURLToPath(new URL('../../libs/sdk/src/index.ts', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** Type of the SDK → schema of the API. Those put together differently are compared by assigning both ways. */
const IDENTICAL = {
  Job: 'Job',
  JobCounts: 'JobCounts',
  Failure: 'Failure',
  ExtractInput: 'ExtractInput',
  LearnInput: 'LearnInput',
  LedgerPage: 'LedgerPage',
  CrawlResult: 'CrawlResult',
  JobEvent: 'JobEvent',
  Document: 'Document',
  DocumentSnapshot: 'DocumentSnapshot',
  Evidence: 'Evidence',
  SiteSummary: 'Site',
  Site: 'SiteDetail',
  TemplateSummary: 'Template',
  TemplateVersion: 'TemplateVersion',
  SelectorRule: 'SelectorRule',
  ApiKey: 'Key',
  User: 'User',
  OwnerLimits: 'OwnerLimits',
  Usage: 'Usage',
  Pool: 'Pool',
  System: 'System',
} as const;
const ASSIGNABLE = {
  JobRequest: 'JobRequest',
  CrawlInput: 'CrawlInput',
  IssuedKey: 'IssuedKey',
  KeyDraft: 'KeyDraft',
  UserDraft: 'UserDraft',
  UserChange: 'UserChange',
} as const;

/** What a program has no use for, and the WebSocket, which is not asked for by HTTP. */
const NOT_IN_SDK = new Set(['GET /api/v1/jobs/{id}/live', 'GET /health/live', 'GET /metrics']);

let schemas: Record<string, JsonSchema>;
let routes: string[];
beforeAll(async () => {
  const document = await describeApi();
  schemas = document.components?.schemas as Record<string, JsonSchema>;
  routes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
});

/** Names of the SDK whose type is not that of the API. */
function drifted(api: Readonly<Record<string, JsonSchema>>): string[] {
  const lines = [
    'type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;',
    'type Assignable<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;',
    ...Object.entries(IDENTICAL).map(([sdk, name]) => `export const check_${sdk}: Identical<Sdk.${sdk}, Api.${name}> = true;`),
    ...Object.entries(ASSIGNABLE).map(([sdk, name]) => `export const check_${sdk}: Assignable<Sdk.${sdk}, Api.${name}> = true;`),
  ];
  const files: Record<string, string> = {
    [`${FOLDER}api.ts`]: typesOf(api),
    [`${FOLDER}check.ts`]: `import type * as Sdk from '${SDK.replace(/\.ts$/, '.js')}';\nimport type * as Api from './api.js';\n${lines.join('\n')}\n`,
  };
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (path) => files[path] ?? readFile(path);
  host.fileExists = (path) => path in files || fileExists(path);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (path, target) => {
    const text = files[path];
    return text === undefined ? getSourceFile(path, target) : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([`${FOLDER}check.ts`], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0;
    const name = /check_(\w+)/.exec(file?.text.split('\n')[line - 1] ?? '')?.[1];
    return name ?? `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe('types of the SDK', () => {
  it('are those of the OpenAPI document', () => {
    expect(drifted(schemas)).toEqual([]);
  });

  it('are found out when a field, a state or an optional field comes or goes', () => {
    const { Job, Evidence, JobEvent } = schemas;
    const grown = { ...Evidence, properties: { ...Evidence?.properties, score: { type: 'number' } } };
    const renamed = { ...JobEvent, properties: { ...JobEvent?.properties, seq: { type: 'string' } } };
    const state = { ...Job, properties: { ...Job?.properties, state: { enum: ['queued', 'running'] } } };
    expect(drifted({ ...schemas, Evidence: grown, JobEvent: renamed, Job: state })).toEqual(['Job', 'JobEvent', 'Document', 'Evidence']);
  });
});

/** Calls every method once against a server that answers anything; gives what was asked as `METHOD /path`. */
async function requestsOf(exercise: (client: Client) => readonly Promise<unknown>[]): Promise<string[]> {
  const asked: string[] = [];
  const client = createClient({
    url: 'http://api.invalid',
    key: 'k',
    fetch: async (input, init) => {
      const { pathname } = input as URL;
      asked.push(`${init?.method ?? 'GET'} ${pathname}`);
      return pathname.endsWith('/events')
        ? new Response('id: 1\ndata: {"seq":1,"type":"job.completed"}\n\n')
        : Response.json({ items: [], next: null, checks: {} });
    },
  });
  await Promise.all(exercise(client));
  return asked;
}

const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items);
};

describe('methods of the SDK', () => {
  it('cover every route of the API and no other', async () => {
    const version = { host: 'h', templateId: 't', version: 1 };
    const covered = new Set<string>();
    const exercised = new Set<string>();
    const asked = await requestsOf((client) => {
      const seen = new Proxy(client, {
        get: (target, name) => {
          exercised.add(String(name));
          return Reflect.get(target, name) as unknown;
        },
      });
      return [
        seen.startJob({ kind: 'extract', input: { url: 'https://example.com/' } }),
        seen.crawl({ url: 'https://example.com/' }),
        drain(seen.pages('j')),
        seen.pagesPage('j'),
        drain(seen.documents('j')),
        seen.export('j', { format: 'zip' }),
        drain(seen.jobs()),
        seen.jobPage(),
        seen.job('j'),
        drain(seen.watch('j')),
        seen.wait('j'),
        seen.result('j'),
        seen.markdown('j'),
        seen.cancel('j'),
        seen.pause('j'),
        seen.resume('j'),
        seen.retry('j'),
        seen.change('j', { priority: 1 }),
        seen.document('d'),
        drain(seen.sites()),
        seen.site('h'),
        seen.templates('h'),
        seen.versions('h', 't'),
        seen.activateVersion(version),
        seen.pinVersion(version),
        seen.rejectVersion(version),
        seen.ready(),
        drain(seen.keys.list()),
        seen.keys.get('k'),
        seen.keys.create({ name: 'n' }),
        seen.keys.rotate('k'),
        seen.keys.revoke('k'),
        drain(seen.users.list()),
        seen.users.get('u'),
        seen.users.create({ name: 'n' }),
        seen.users.change('u', { name: 'm' }),
        drain(seen.users.usage()),
        seen.users.usageOf('u'),
        seen.system(),
      ];
    });
    const patterns = routes.map((route) => ({ route, pattern: new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));
    const unknown = asked.filter((request) => {
      // Literal paths first: `/jobs/{id}` would take what belongs to a path of its own.
      const match = patterns
        .toSorted((a, b) => a.route.split('{').length - b.route.split('{').length)
        .find(({ pattern }) => pattern.test(request));
      if (match) covered.add(match.route);
      return !match;
    });
    expect(unknown).toEqual([]);
    expect(routes.filter((route) => !covered.has(route) && !NOT_IN_SDK.has(route))).toEqual([]);
    expect(Object.keys(createClient({ url: 'http://api.invalid' })).filter((name) => !exercised.has(name))).toEqual(['live']);
  });
});
