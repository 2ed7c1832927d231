import type { JobLog, TemplateHealth, TemplateKey, TemplateObservation, TemplateVersion } from '@gleaner/domain';
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
export async function watchHealth({ health, jobLog }: HealthWatchDeps, served: ServedPages): Promise<boolean> {
  const { jobId, template, version, observations } = served;
  if (observations.length === 0) return false;
  const judged = judgeHealth(await health.observe(template, version.version, observations), {
    scores: version.scores,
    fingerprint: version.config.fingerprint,
  });
  if (judged.kind !== 'breached') return false;
  const reason = judged.reasons.map(({ measure, value, limit }) => `${measure} ${value} (bound ${limit})`).join(', ');
  if (!(await health.quarantine(template, version.version, reason))) return false;
  const message = `version ${version.version} of ${template.site}${template.shape} does not fit its pages any more: ${reason}`;
  await jobLog.append(jobId, `drifted:${template.templateId}:${version.version}`, { type: 'site.drifted', stage: 'extract', message });
  return true;
}
