/** Stages whose answers a test decides; everything around them (server, queues, workflow code) is real. */
import type {
  AnalyzeActivities,
  BrowserActivities,
  EmbedActivities,
  ExtractActivities,
  FetchActivities,
  FinishJobInput,
  JobActivities,
  LearnActivities,
  Queue,
  Snapshot,
  StoreActivities,
} from '@gleaner/domain';

export type StageCalls = FetchActivities &
  BrowserActivities &
  LearnActivities &
  ExtractActivities &
  EmbedActivities &
  StoreActivities &
  AnalyzeActivities &
  JobActivities;

export interface StubStages {
  /** Names of the activities in the order they were called. */
  readonly called: string[];
  readonly finished: FinishJobInput[];
  readonly byQueue: Readonly<Record<Queue, object>>;
}

const blob = (name: string) => ({ hash: `sha256:${name.padEnd(64, '0')}`, bytes: 100 });

export function snapshotOf(url: string, method: Snapshot['method'] = 'http'): Snapshot {
  return {
    body: blob(method),
    url,
    finalUrl: url,
    status: 200,
    contentType: 'text/html',
    charset: 'utf-8',
    method,
    fetchedAt: '2026-11-21T00:00:00.000Z',
    redirects: [],
  };
}

export const TEMPLATE = { site: 'example.com', templateId: 'tpl_news', shape: '/news/*' };

/** All stages succeed with a known template, unless `answers` says otherwise. */
export function stubStages(answers: Partial<StageCalls> = {}): StubStages {
  const called: string[] = [];
  const finished: FinishJobInput[] = [];
  const defaults: StageCalls = {
    fetchPage: async ({ url }) => ({ kind: 'fetched', snapshot: snapshotOf(url), notModified: false, durationMs: 5 }),
    renderPage: async ({ url }) => ({ kind: 'fetched', snapshot: snapshotOf(url, 'browser'), notModified: false, durationMs: 50 }),
    planSamples: async () => ({
      template: TEMPLATE,
      state: 'unknown',
      activeVersion: null,
      candidates: ['https://example.com/news/2', 'https://example.com/news/3'],
    }),
    pickSamples: async () => [],
    learnTemplate: async () => ({
      kind: 'learned',
      version: 1,
      scores: { mean: 0.99, min: 0.98, pagesLearned: 2, pagesHeldOut: 1 },
      durationMs: 20,
    }),
    extractDocument: async () => ({
      kind: 'extracted',
      page: blob('page'),
      method: 'template',
      version: 1,
      characters: 900,
      durationMs: 8,
    }),
    analyzeDocument: async () => ({ analysis: blob('analysis'), language: 'en', wordCount: 150, durationMs: 2 }),
    embedDocument: async () => ({ chunks: blob('chunks'), count: 2, embedding: { mode: 'lexical' }, cached: 0, tokens: 0, durationMs: 1 }),
    storeDocument: async () => ({ documentId: 'doc_1', durationMs: 3 }),
    rememberBrowser: async () => {},
    startJob: async () => true,
    pauseJob: async () => {},
    resumeJob: async () => {},
    findResumePoint: async () => null,
    finishJob: async (input) => {
      finished.push(input);
      return input.state;
    },
  };
  const calls = { ...defaults, ...answers };
  const stage = (...names: readonly (keyof StageCalls)[]): object =>
    Object.fromEntries(
      names.map((name) => [
        name,
        async (input: never) => {
          called.push(name);
          return calls[name](input);
        },
      ]),
    );
  return {
    called,
    finished,
    byQueue: {
      workflows: stage('startJob', 'finishJob', 'pauseJob', 'resumeJob', 'findResumePoint'),
      fetch: stage('fetchPage'),
      browser: stage('renderPage'),
      learn: stage('planSamples', 'learnTemplate'),
      extract: stage('extractDocument'),
      embed: stage('embedDocument'),
      store: stage('storeDocument', 'rememberBrowser'),
      analyze: stage('analyzeDocument'),
    },
  };
}
