/**
 * The stages that leave this machine as the workers compose them (policy, agent, proxy, robots.txt, browser), between two
 * servers: `pub` on 127.0.0.2, listed exactly by address and port, and a `canary` on 127.0.0.3 that nothing may reach, on
 * a port that is open to public fetches, so that only the rule about addresses stands before it.
 */
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type FetchActivities, type FetchPageInput, type Settings, readSettings } from '@gleaner/domain';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, expect } from 'vitest';
import { type WebActivities, type WebPorts, composeWeb } from '../../apps/workers/src/compose-web.js';
import { testChromium } from '../../libs/activities/src/browser/test-browser.js';
import {
  type LoopbackSite,
  MemoryBlobs,
  MemoryGate,
  MemoryJobLog,
  MemoryRobots,
  MemorySites,
  MemorySnapshots,
  startLoopbackSite,
} from '../../libs/activities/src/fetch/test-ports.js';

export type Route = (request: IncomingMessage, response: ServerResponse) => void;
export type Way = 'http' | 'browser';

type Outcome = Awaited<ReturnType<FetchActivities['fetchPage']>>;

export const TEXT = 'words of the page, and more of them '.repeat(20);
export const executablePath = await testChromium();
/** Without a Chromium on this machine the cases run over HTTP alone. */
export const WAYS: readonly Way[] = executablePath === null ? ['http'] : ['http', 'browser'];

/** What is refused here is no news of the suite. */
const SILENT = new DefaultLogger('ERROR', () => undefined);
const PAGE_BYTES = 2_000_000;
const ALLOWED_ROBOTS = 'User-agent: *\nDisallow:\n';

export interface Stage extends AsyncDisposable {
  /** What `pub` answers by path; everything else is 404. */
  routes: Record<string, Route>;
  readonly pub: LoopbackSite;
  readonly canary: LoopbackSite;
  readonly canaryPort: number;
  /** Answers of the name server, one list a question; the last one stays. */
  readonly names: Map<string, string[][]>;
  /** Every name that was asked for, in order. */
  readonly questions: string[];
  readonly blobs: MemoryBlobs;
  /** Runs the activity of that pool on a URL, or on a path of `pub`. */
  open(way: Way, url: string): Promise<Outcome>;
  /** `reason CODE`, `fetched URL`, or `fault CODE`. */
  verdict(way: Way, url: string): Promise<string>;
  /** The text of a page that must be fetched. */
  content(way: Way, url: string): Promise<string>;
}

/** 127.0.0.3 on a public port that is free there. */
async function startCanary(): Promise<LoopbackSite> {
  const answer: Route = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' }).end(`secret of the canary ${TEXT}`);
  for (const port of [8080, 8443, 0]) {
    if (port === 0 || (await isFree(port))) return await startLoopbackSite(answer, '127.0.0.3', port);
  }
  throw new Error('no port for the canary');
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.3');
  const isOpen = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  if (isOpen) {
    probe.close();
    await once(probe, 'close');
  }
  return isOpen;
}

function settingsOf(environment: Record<string, string>): Settings {
  const read = readSettings({
    GLEANER_USER_AGENT: 'HostileTestBot/1.0 (+https://example.com/bot)',
    GLEANER_HOST_INTERVAL_MS: '0',
    GLEANER_MAX_PAGE_BYTES: String(PAGE_BYTES),
    GLEANER_MAX_REDIRECTS: '5',
    ...(executablePath === null ? {} : { CHROMIUM_PATH: executablePath }),
    ...environment,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
}

export interface StageOptions {
  /** More settings of the workers. */
  readonly environment?: Record<string, string>;
  /** Listed beside `pub`; `PORT` stands for the port of `pub`. */
  readonly allow?: readonly string[];
}

function resolverOf(names: Map<string, string[][]>, questions: string[]) {
  return async (name: string): Promise<readonly string[]> => {
    questions.push(name);
    const answers = names.get(name);
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    if (answer === undefined) throw new Error('NXDOMAIN');
    return answer;
  };
}

export async function startStage({ environment = {}, allow = [] }: StageOptions = {}): Promise<Stage> {
  const stage = { routes: {} as Record<string, Route> };
  const pub = await startLoopbackSite((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path === '/robots.txt' && stage.routes[path] === undefined) response.end(ALLOWED_ROBOTS);
    else if (stage.routes[path] === undefined) response.writeHead(404).end();
    else stage.routes[path](request, response);
  }, '127.0.0.2');
  const canary = await startCanary();
  const pubPort = pub.address.split(':')[1] ?? '';
  const names = new Map<string, string[][]>();
  const questions: string[] = [];
  const closing = new AsyncDisposableStack();
  closing.defer(() => canary.close());
  closing.defer(() => pub.close());
  const listed = [pub.address, ...allow.map((entry) => entry.replace('PORT', pubPort))];
  const blobs = new MemoryBlobs();
  const activities: WebActivities = await composeWeb({
    settings: settingsOf({ GLEANER_ALLOW_PRIVATE: listed.join(','), ...environment }),
    ports: {
      blobs,
      jobLog: new MemoryJobLog(),
      // Single pages only: no crawl comes here.
      ledger: {} as WebPorts['ledger'],
      gate: new MemoryGate(),
      robotsCache: new MemoryRobots(),
      snapshots: new MemorySnapshots(),
      sites: new MemorySites(),
    },
    withBrowser: executablePath !== null,
    closing,
    resolver: resolverOf(names, questions),
  });

  const open = async (way: Way, url: string): Promise<Outcome> => {
    const input: FetchPageInput = {
      jobId: 'job_hostile',
      url: url.startsWith('/') ? pub.origin + url : url,
      fresh: true,
      render: way === 'http' ? 'never' : 'always',
      step: 'page',
    };
    return await new MockActivityEnvironment({}, { logger: SILENT }).run(async () =>
      way === 'http' ? await activities.fetch.fetchPage(input) : await activities.browser!.renderPage(input),
    );
  };
  return Object.assign(stage, {
    pub,
    canary,
    canaryPort: Number(canary.address.split(':')[1]),
    names,
    questions,
    blobs,
    open,
    verdict: async (way: Way, url: string): Promise<string> => await open(way, url).then(verdictOf, faultOf),
    content: async (way: Way, url: string): Promise<string> => {
      const outcome = await open(way, url);
      if (outcome.kind !== 'fetched') throw new Error(verdictOf(outcome));
      return Buffer.from(await blobs.get(outcome.snapshot.body.hash)).toString();
    },
    [Symbol.asyncDispose]: async () => await closing.disposeAsync(),
  });
}

function verdictOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') return `${outcome.reason} ${outcome.code}`;
  return outcome.kind === 'fetched' ? `fetched ${outcome.snapshot.finalUrl}` : outcome.kind;
}

function faultOf(error: unknown): string {
  return `fault ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`;
}

/** After every case: nothing ever opened a connection to the canary, and the next good page is still served. */
export function expectUntouched(stage: () => Stage, way: Way = 'http'): void {
  afterEach(async () => {
    expect(stage().canary.connections()).toBe(0);
    stage().routes = { '/good': html(`<p>${TEXT}</p>`) };
    expect(await stage().verdict(way, '/good')).toBe(`fetched ${stage().pub.origin}/good`);
    stage().names.clear();
    stage().questions.length = 0;
  });
}

export function html(body: string | Buffer, headers: Record<string, string> = {}): Route {
  return (_request, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
}

export function redirect(location: string, status = 302): Route {
  return (_request, response) => void response.writeHead(status, { location: Buffer.from(location).toString('latin1') }).end();
}
