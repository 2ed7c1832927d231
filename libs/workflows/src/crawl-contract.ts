/** What the workflows of one crawl tell each other. */
import { defineSignal } from '@temporalio/workflow';

export interface CrawlHostInput {
  readonly jobId: string;
  readonly ownerId: string;
  readonly host: string;
  /** From here on: carried over when the history has become long. */
  readonly batches?: number;
  readonly intervalMs?: number;
  readonly learning?: readonly string[];
  readonly isPaused?: boolean;
  readonly priority?: number;
}

/** From a host to its site: its pages lead to these hosts. */
export const HOSTS_FOUND = 'hostsFound';
export const hostsFound = defineSignal<[{ readonly hosts: readonly string[] }]>(HOSTS_FOUND);
/** From a host to its site: no batch runs any more. */
export const HOST_RESTS = 'hostRests';
export const hostRests = defineSignal<[{ readonly host: string }]>(HOST_RESTS);

/** From the site to its hosts. */
export const pauseHost = defineSignal('pauseHost');
export const resumeHost = defineSignal('resumeHost');
/** The settings have changed: there may be pages again. */
export const wakeHost = defineSignal('wakeHost');
export const steerHost = defineSignal<[{ readonly priority: number }]>('steerHost');

export function crawlHostId(jobId: string, host: string): string {
  return `crawl-host/${host}/${jobId}`;
}
