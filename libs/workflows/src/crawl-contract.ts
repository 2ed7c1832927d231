/** What the workflows of one crawl tell each other. */
import { defineSignal } from '@temporalio/workflow';

export interface CrawlHostInput {
  readonly jobId: string;
  readonly ownerId: string;
  readonly host: string;
  /** Batches that this host of this crawl had before: their names are not given twice. */
  readonly batches?: number;
  /** From here on: carried over when the history has become long. */
  readonly intervalMs?: number;
  readonly learning?: readonly string[];
  /** The last pause and the last resumption that came, see `PauseTurn`. */
  readonly pause?: number;
  readonly resumed?: number;
  readonly priority?: number;
}

export interface CrawlHostOutcome {
  /** Batches that the host had by now. */
  readonly batches: number;
}

/** Pauses of a crawl are numbered: signals may overtake each other, and none about an earlier pause says anything of a later one. */
export interface PauseTurn {
  readonly pause: number;
}

/** From a host to its site: its pages lead to these hosts. */
export const HOSTS_FOUND = 'hostsFound';
export const hostsFound = defineSignal<[{ readonly hosts: readonly string[] }]>(HOSTS_FOUND);
/** From a host to its site: no stage runs any more, and none begins until the pause is over. */
export const HOST_RESTS = 'hostRests';
export const hostRests = defineSignal<[PauseTurn & { readonly host: string }]>(HOST_RESTS);

/** From the site to its hosts. */
export const pauseHost = defineSignal<[PauseTurn]>('pauseHost');
export const resumeHost = defineSignal<[PauseTurn]>('resumeHost');
/** The settings have changed: there may be pages again. */
export const wakeHost = defineSignal('wakeHost');
export const steerHost = defineSignal<[{ readonly priority: number }]>('steerHost');

export function crawlHostId(jobId: string, host: string): string {
  return `crawl-host/${host}/${jobId}`;
}
