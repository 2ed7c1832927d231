import type { JobLog, TemplateHealth, TemplateKey, TemplateObservation, TemplateVersion } from '@gleaner/domain';
import { judgeHealth } from '@gleaner/extraction';

/** Templates that go out of service with one batch of pages: every one is told to be learned again, and the message stays small. */
export const MOST_DRIFTED = 10;

export interface HealthWatchDeps {
  readonly health: TemplateHealth;
  readonly jobLog: JobLog;
}

export interface ServedPages {
  readonly jobId: string;
  readonly template: TemplateKey;
  readonly version: TemplateVersion;
  readonly observations: readonly TemplateObservation[];
}

/**
 * Remembers how a version served some pages. True when that shows that it does not fit its pages any more, and this call took it out
 * of service: whoever gets true has the template learned again, once, however many pages fail meanwhile.
 */
export async function watchHealth(deps: HealthWatchDeps, served: ServedPages): Promise<boolean> {
  const { jobId, template, version, observations } = served;
  if (observations.length === 0) return false;
  const judged = judgeHealth(await deps.health.observe(template, version.version, observations), {
    scores: version.scores,
    fingerprint: version.config.fingerprint,
  });
  if (judged.kind !== 'breached') return false;
  const reason = judged.reasons.map(({ measure, value, limit }) => `${measure} ${value} (bound ${limit})`).join(', ');
  if (!(await deps.health.quarantine(template, version.version, reason))) return false;
  await tellDrift(deps, { jobId, template, version: version.version, reason });
  return true;
}

export interface Drift {
  readonly jobId: string;
  readonly template: TemplateKey;
  /** That was taken out of service. */
  readonly version: number;
  readonly reason: string;
}

/** Says that a version was taken out of service. */
export async function tellDrift({ jobLog }: Pick<HealthWatchDeps, 'jobLog'>, { jobId, template, version, reason }: Drift): Promise<void> {
  const message = `version ${version} of ${template.site}${template.shape} does not fit its pages any more: ${reason}`;
  await jobLog.append(jobId, `drifted:${template.templateId}:${version}`, { type: 'site.drifted', stage: 'extract', message });
}
