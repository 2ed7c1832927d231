import {
  type BlobStore,
  type CrawlLedger,
  type EventDraft,
  Fault,
  type JobReader,
  type JobUsage,
  type LearnActivities,
  type LearnOutcome,
  type LearnTemplateInput,
  type SelectorProposer,
  type Snapshot,
  type SnapshotIndex,
  type TemplateDraft,
  type TemplateKey,
  type TemplateStore,
  type TemplateVersion,
  askedOf,
  urlKey,
} from '@gleaner/domain';
import { type Wishes, triedInVain, wishesInTurn, wishesOf, wishesToTry } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { wantedOf } from '../extract/wanted-of.js';
import { createSampleActivities } from './samples.js';
import { type CpuTasks, type LearnResult, type PageBody, pageBody } from '../cpu/cpu-tasks.js';
import { startClock } from '../runtime/stage-clock.js';
import type { PlaceDeps } from '../extract/place-pages.js';
import { type AidedResult, learnAided } from './aided-learning.js';

export interface LearnDependencies extends PlaceDeps {
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly ledger: Pick<CrawlLedger, 'samples'>;
  readonly snapshots: Pick<SnapshotIndex, 'latestOf'>;
  readonly cpu: CpuTasks;
  /** For the fields that a job asks for. */
  readonly jobs: Pick<JobReader, 'get'>;
  /** Null where no model is set for the role `learn`. */
  readonly proposer: SelectorProposer | null;
  readonly now: () => Date;
}

/** Pages that cannot be compared within the parse limit will not be an hour later: that is a result, and remembered. */
function tooHeavy(error: unknown): AidedResult {
  if (!(error instanceof Fault) || error.code !== 'PARSE_TIMEOUT') throw error;
  const result = { kind: 'unlearnable', reason: 'its pages take too long to compare', misses: [] } as const;
  return { result, model: null, usage: { modelCalls: 0, tokens: 0, costUsd: 0 }, problem: null };
}

/** Pages of before that a new version is compared on besides its samples. */
const MAX_FURTHER_PAGES = 12;
const HOUR_MS = 3_600_000;
/** A site that grows has more pages of the template soon; rules that did not hold will not hold an hour later. */
const RETRY_FEW_SAMPLES_MS = HOUR_MS;
const RETRY_UNRELIABLE_MS = 24 * HOUR_MS;

export function createLearnActivities(dependencies: LearnDependencies): LearnActivities {
  const { blobs, templates, pageTemplates, jobLog, health, cpu, proposer, now } = dependencies;
  return {
    ...createSampleActivities(dependencies),

    async learnTemplate({ jobId, ownerId, template, samples }: LearnTemplateInput): Promise<LearnOutcome> {
      const elapsedMs = startClock();
      const claimed = await pageTemplates.claim(template);
      if (claimed === null)
        return { kind: 'unlearnable', reason: 'its pages turned out to be a new design of another template', durationMs: elapsedMs() };
      const serving = await servingVersion(templates, template);
      let usage: Partial<JobUsage> = {};
      const tell = (name: string, event: Pick<EventDraft, 'type' | 'message'>): Promise<void> =>
        jobLog.append(jobId, `${name}:${template.templateId}`, { stage: 'learn', ...event }, {}, usage);
      const unlearnable = async (reason: string, retryAfterMs: number, tried: Wishes = {}): Promise<LearnOutcome> => {
        if (serving === null) await templates.markUnlearnable(template, reason, new Date(now().getTime() + retryAfterMs).toISOString());
        else await keepServing(dependencies, serving, { template, tried, costUsd: usage.costUsd ?? 0, design: claimed.design });
        await tell('learned', { type: 'job.progress', message: `no template for ${template.shape}: ${reason}` });
        return { kind: 'unlearnable', reason, durationMs: elapsedMs() };
      };
      const distinct = [...new Map(samples.map((sample) => [sample.body.hash, sample])).values()];
      if (distinct.length < 2) return unlearnable('the page links to no further page of its kind', RETRY_FEW_SAMPLES_MS);
      const bodies = await bodiesOf(distinct);
      const further = serving === null ? [] : await bodiesOf(await pagesOf(dependencies, serving, distinct));
      const rival = serving?.config ?? null;
      const wishes = ownerId === undefined ? {} : wishesToTry(wishesInTurn(await wishesIn(dependencies.jobs, ownerId, jobId), rival));
      const input = { samples: bodies, structure: claimed.structure, rival, further, wishes };
      const aided = await learnAided({ cpu, proposer, jobId }, input, cancellationSignal()).catch(tooHeavy);
      const { result, problem } = aided;
      ({ usage } = aided);
      if (result.kind === 'unlearnable') return unlearnable(result.reason, RETRY_UNRELIABLE_MS, wishes);
      const promote = serving === null || result.winner === 'new';
      const draft = { ...draftOf(template, { ...result, ...aided }, distinct), design: claimed.design };
      const { version, scores, state } = await templates.save(
        serving !== null && result.isExtension === true ? extensionOf(serving, draft) : draft,
        promote,
      );
      if (state === 'rejected')
        return unlearnable(`learning finds only version ${version}, which was rejected`, RETRY_UNRELIABLE_MS, wishes);
      // Its version stays out of service, and the next page has the new design learned.
      if (promote && state === 'candidate' && (await pageTemplates.claim(template))?.design !== claimed.design)
        return { kind: 'unlearnable', reason: 'the template got a new design while the one before was learned', durationMs: elapsedMs() };
      if (serving !== null && !promote) {
        await health.release(template, serving.version, claimed.design);
        const message = `version ${serving.version} of ${template.site}${template.shape} stays: a new one is no better on its pages`;
        await tell(`kept-${serving.version}`, { type: 'job.progress', message });
        return { kind: 'learned', version: serving.version, scores: serving.scores, durationMs: elapsedMs() };
      }
      const message = `version ${version} of ${template.site}${template.shape}: agreement ${scores.mean.toFixed(2)} on ${scores.pagesHeldOut} held-out pages, by ${aided.model ?? 'heuristics'}${problem === null ? '' : `; no model proposed: ${problem.code}`}`;
      await tell(`learned-${version}`, { type: 'site.learned', message });
      return { kind: 'learned', version, scores, durationMs: elapsedMs() };
    },
  };

  function bodiesOf(pages: readonly Snapshot[]): Promise<readonly PageBody[]> {
    return Promise.all(pages.map(async (page) => pageBody(page, await blobs.get(page.body.hash))));
  }
}

/** Pages that a version was learned from, as they are stored now, where they are none of the samples. */
async function pagesOf(
  { snapshots, blobs }: Pick<LearnDependencies, 'snapshots' | 'blobs'>,
  { sampleUrls }: TemplateVersion,
  samples: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  const known = new Set(samples.map(({ body }) => body.hash));
  const stored = await snapshots.latestOf(sampleUrls.map((url) => urlKey(new URL(url))));
  const others = [...stored.values()].filter(({ body }) => !known.has(body.hash)).slice(0, MAX_FURTHER_PAGES);
  const there = await Promise.all(others.map(({ body }) => blobs.has(body.hash)));
  return others.filter((_, index) => there[index] === true);
}

/** What the job asks its pages for is worth rules of its own. */
async function wishesIn(jobs: Pick<JobReader, 'get'>, ownerId: string, jobId: string): Promise<Wishes> {
  const job = await jobs.get(ownerId, jobId);
  return wishesOf((job === null ? null : wantedOf(askedOf(job.input))) ?? []);
}

/** The version that serves the template, also while it is out of service; null when none does. */
async function servingVersion(templates: TemplateStore, template: TemplateKey): Promise<TemplateVersion | null> {
  const state = await templates.find(template);
  return state.kind === 'active' || state.kind === 'quarantined' ? state.version : null;
}

interface VainLearning {
  readonly template: TemplateKey;
  readonly tried: Wishes;
  readonly costUsd: number;
  /** What the template was built of when learning began. */
  readonly design: string | null;
}

/** The version goes on; what was tried in vain is kept with it, or every crawl that asks for it would learn, and pay, again. */
async function keepServing(
  { templates, health }: Pick<LearnDependencies, 'templates' | 'health'>,
  { version, config: serving, pinned, scores, author, model, sampleUrls }: TemplateVersion,
  { template, tried, costUsd, design }: VainLearning,
): Promise<void> {
  const config = pinned ? null : triedInVain(serving, tried);
  if (config === null) await health.release(template, version, design);
  else await templates.save({ ...template, config, scores, author, model, costUsd, sampleUrls, design });
}

/** What its content rules are worth was measured when they were learned. */
function extensionOf({ scores, sampleUrls }: TemplateVersion, draft: TemplateDraft): TemplateDraft {
  return { ...draft, scores, sampleUrls };
}

function draftOf(
  template: TemplateKey,
  {
    config,
    scores,
    setAside,
    model,
    usage,
  }: Pick<Extract<LearnResult, { kind: 'learned' }>, 'config' | 'scores' | 'setAside'> & Pick<AidedResult, 'model' | 'usage'>,
  samples: readonly Snapshot[],
): TemplateDraft {
  const sampleUrls = samples.map((sample) => sample.finalUrl).filter((url) => !setAside.includes(url));
  return { ...template, config, scores, author: model === null ? 'heuristic' : 'model', model, costUsd: usage.costUsd, sampleUrls };
}
