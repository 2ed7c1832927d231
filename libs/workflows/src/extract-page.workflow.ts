import type { EmbedOutcome, ExtractInput, ExtractOutcome, JobResult, Snapshot, StageTimings } from '@gleaner/domain';
import { failureReport } from '@gleaner/domain';
import type { JobWorkflowInput } from './contract.js';
import { PageRefused } from './failure.js';
import { learnAgain, learnShared } from './learning.js';
import { type ObtainedPage, obtainPage, resumePoint } from './obtain-page.js';
import { type JobRun, runJob } from './run-job.js';
import { analyzeStage, embedStage, extractStage, storeStage } from './stages.js';

type Extracted = Extract<ExtractOutcome, { kind: 'extracted' }>;

/** One page to one document: fetch → known template? extract : learn, then extract → analyze and embed → store. */
export async function extractPage(job: JobWorkflowInput): Promise<JobResult> {
  const { jobId, ownerId } = job;
  const { url, render = 'auto', fresh = false, embed = true } = job.input as ExtractInput;
  return runJob(job, async (run) => {
    const { story, gate } = run;
    const timingsMs: StageTimings = { fetch: 0, learn: 0, extract: 0, embed: 0, store: 0, analyze: 0 };
    const asked = job.asksFields === true ? { askedBy: ownerId } : {};
    const request = { jobId, url, render, fresh, ...asked };
    const obtained = await obtainPage(request, run, await resumePoint(job, request, run));
    timingsMs.fetch = obtained.fetchMs;
    const extracted = await extractOrLearn({ jobId, ownerId, obtained, asked, timingsMs, run });
    story.tell(
      `extracted ${extracted.characters} characters by ${extracted.method}${extracted.version === null ? '' : ` version ${extracted.version}`}`,
    );

    await gate.pass();
    const [analysis, chunks] = await Promise.all([
      analyzeStage.analyzeDocument({ jobId, page: extracted.page }),
      embed ? embedStage.embedDocument({ jobId, page: extracted.page }) : null,
    ]);
    timingsMs.analyze = analysis.durationMs;
    timingsMs.embed = chunks?.durationMs ?? 0;
    story.tell(
      `${analysis.wordCount} words, ${analysis.language ?? 'unknown language'}; ${chunks ? describeChunks(chunks) : 'not embedded, as asked'}`,
    );

    await gate.pass();
    const stored = await storeStage.storeDocument({
      jobId,
      ownerId,
      snapshot: withUrl(obtained.snapshot, url),
      page: extracted.page,
      analysis: analysis.analysis,
      chunks: chunks?.chunks ?? null,
      embedding: chunks?.embedding ?? { mode: 'none' },
      timingsMs,
    });
    story.tell(`stored as ${stored.documentId}`);
    if (extracted.drifted !== undefined) {
      story.tell(`the template \`${extracted.drifted.shape}\` does not fit its pages any more: it is learned again`);
      await learnAgain({ jobId, ownerId, template: extracted.drifted, snapshot: obtained.snapshot });
    }
    return { documentId: stored.documentId };
  });
}

interface ExtractRequest {
  readonly jobId: string;
  readonly ownerId: string;
  readonly obtained: ObtainedPage;
  readonly asked: { readonly askedBy?: string };
  readonly timingsMs: StageTimings;
  readonly run: JobRun;
}

async function extractOrLearn({ jobId, ownerId, obtained, asked, timingsMs, run: { story, gate } }: ExtractRequest): Promise<Extracted> {
  timingsMs.extract = obtained.extractMs;
  if (obtained.extracted.kind === 'extracted') return obtained.extracted;
  const { template } = obtained.extracted;
  story.tell(`no template for \`${template.site}${template.shape}\` yet: learning`);
  await gate.pass();
  const before = Date.now();
  const learned = await learnShared({ jobId, ownerId, template, snapshot: obtained.snapshot });
  timingsMs.learn = Date.now() - before;
  story.tell(
    learned?.kind === 'learned'
      ? `learned version ${learned.version}`
      : `not learned (${learned?.reason ?? 'learning failed'}): the general extractor serves`,
  );
  await gate.pass();
  const extracted = await extractStage.extractDocument({ jobId, snapshot: obtained.snapshot, unknownTemplate: 'general', ...asked });
  timingsMs.extract += extracted.durationMs;
  if (extracted.kind === 'extracted') return extracted;
  throw new PageRefused(failureReport('EMPTY_CONTENT', `${obtained.snapshot.finalUrl} has no content to extract.`));
}

/** A snapshot that was found again by its key may have been asked for by another spelling of the URL: keep the caller's. */
function withUrl(snapshot: Snapshot, url: string): Snapshot {
  return snapshot.url === url ? snapshot : { ...snapshot, url };
}

function describeChunks(outcome: EmbedOutcome): string {
  const { embedding, count } = outcome;
  return embedding.mode === 'vector'
    ? `${count} chunks embedded by ${embedding.model} (${outcome.cached} from the cache)`
    : `${count} chunks, searched by words`;
}
