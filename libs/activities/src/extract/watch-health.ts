import type { JobLog, TemplateHealth, TemplateKey, TemplateObservation, TemplateState, TemplateVersion } from '@gleaner/domain';
import { judgeHealth } from '@gleaner/extraction';

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
  return tellDrift(deps, { jobId, template, state: { kind: 'active', version }, reason });
}

export interface Drift {
  readonly jobId: string;
  readonly template: TemplateKey;
  readonly state: TemplateState;
  readonly reason: string;
}

/** Takes the version that serves out of service, and says so; false when somebody else did, or none serves. */
export async function tellDrift({ health, jobLog }: HealthWatchDeps, { jobId, template, state, reason }: Drift): Promise<boolean> {
  if (state.kind !== 'active') return false;
  const { version } = state.version;
  if (!(await health.quarantine(template, version, reason))) return false;
  const message = `version ${version} of ${template.site}${template.shape} does not fit its pages any more: ${reason}`;
  await jobLog.append(jobId, `drifted:${template.templateId}:${version}`, { type: 'site.drifted', stage: 'extract', message });
  return true;
}
