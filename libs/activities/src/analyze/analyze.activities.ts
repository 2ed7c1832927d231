import type { AnalyzeActivities, AnalyzeDocumentInput, AnalyzeOutcome, BlobStore, ExtractedPage } from '@gleaner/domain';
import { cancellationSignal } from '@temporalio/activity';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { getJson, putJson } from '../runtime/blob-json.js';
import { startClock } from '../runtime/stage-clock.js';

export interface AnalyzeDependencies {
  readonly blobs: BlobStore;
  readonly cpu: CpuTasks;
}

/** Language, counts and keywords of an extracted page; no model. */
export function createAnalyzeActivities({ blobs, cpu }: AnalyzeDependencies): AnalyzeActivities {
  return {
    async analyzeDocument(input: AnalyzeDocumentInput): Promise<AnalyzeOutcome> {
      const elapsedMs = startClock();
      const page = await getJson<ExtractedPage>(blobs, input.page);
      const analysis = await cpu.analyze({ text: page.text, declaredLanguage: page.language }, cancellationSignal());
      const ref = await putJson(blobs, analysis);
      return { analysis: ref, language: analysis.language, wordCount: analysis.wordCount, durationMs: elapsedMs() };
    },
  };
}
