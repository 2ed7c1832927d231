/**
 * Every timeout and retry of every activity, with the reason for its numbers. How often a fault about a page is tried
 * again is decided by its code (`@gleaner/domain` retry.ts); what stands here bounds the rest.
 *
 * Common to all: `heartbeatTimeout` 10 s finds a killed worker within 10 s (all activities heartbeat every 1.5 s, which is also how a cancellation reaches them);
 * `startToClose` bounds one attempt, `scheduleToClose` all attempts together. A day of `scheduleToClose` means: a database
 * or disk that is away for hours loses no job, and a fault that never goes away does not live for ever.
 */
import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';

const HEARTBEAT = '10 seconds';
const OUTAGE = '24 hours';

/** Back-off for infrastructure: quick first, because most outages here are a process that restarts in two seconds. */
const retry = { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' } as const;

/** Longest configurable fetch is 300 s, plus robots.txt before it. Retry-After and turns at the host may take long: one hour in all. */
export const FETCH: ActivityOptions = {
  taskQueue: 'fetch',
  startToCloseTimeout: '7 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** As FETCH; a browser that hangs is closed by its own deadline first. */
export const BROWSER: ActivityOptions = {
  taskQueue: 'browser',
  startToCloseTimeout: '7 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** Parsing has its own limit of at most 2 minutes in a thread, and there are two where a model is asked, which has 2.5 minutes. */
export const EXTRACT: ActivityOptions = {
  taskQueue: 'extract',
  startToCloseTimeout: '7 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** Several pages are parsed and compared, within one parse limit a round; three rounds with a model; waiting for a free thread counts too. */
export const LEARN: ActivityOptions = {
  taskQueue: 'learn',
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** A provider may take a minute for a batch; several batches make a document. */
export const EMBED: ActivityOptions = {
  taskQueue: 'embed',
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** One transaction. A cancelled job waits for it: it says cancelled when nothing is written any more. */
export const STORE: ActivityOptions = {
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  taskQueue: 'store',
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/**
 * Batches write to the ledger as they go: a crawl that is cancelled waits until none does any more. (What is not said is TRY_CANCEL,
 * whatever the SDK's documentation has as the default.)
 */
const BATCH = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED } as const;

/**
 * A batch of pages. Turns at a slow host may take long and are waited for between attempts, so all attempts together have a day; one
 * attempt has what 40 pages that all run into their time limit need, eight at a time.
 */
export const FETCH_BATCH: ActivityOptions = { ...FETCH, ...BATCH, startToCloseTimeout: '30 minutes', scheduleToCloseTimeout: OUTAGE };

/** As FETCH_BATCH, one page after the other. */
export const BROWSER_BATCH: ActivityOptions = { ...BROWSER, ...BATCH, startToCloseTimeout: '30 minutes', scheduleToCloseTimeout: OUTAGE };

/** Every page of a batch has the parsing limit of its own, and where it asks a model the limit of that; they ask four at a time. */
export const EXTRACT_BATCH: ActivityOptions = { ...EXTRACT, ...BATCH, startToCloseTimeout: '30 minutes' };

export const EMBED_BATCH: ActivityOptions = { ...EMBED, ...BATCH, startToCloseTimeout: '20 minutes' };

/** Transactions of some pages each; opening and ending a crawl of 100,000 pages takes many of them. */
export const STORE_BATCH: ActivityOptions = { ...STORE, startToCloseTimeout: '10 minutes' };

/** How long a crawl that has nothing else left waits for the learning of its templates. */
export const CRAWL_LEARNING_TIMEOUT = '2 minutes';

/** How long a pause waits for stages that run. What runs longer ends while the job is paused, and asks no site for anything then: it looks into the ledger. */
export const PAUSE_SETTLES_WITHIN = '60 seconds';

/** How long the end of a crawl waits for hosts that were cancelled; a stage hears of it within 2 s, and its worker is missed after 10 s. */
export const CRAWL_STOPS_WITHIN = '1 minute';

/** Counting words of one page. */
export const ANALYZE: ActivityOptions = {
  taskQueue: 'analyze',
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: OUTAGE,
  heartbeatTimeout: HEARTBEAT,
  retry,
};

/** One short transaction in the workflow worker itself; local, because a queue hop would cost more than the write. */
export const JOB_LOG: LocalActivityOptions = { startToCloseTimeout: '10 seconds', scheduleToCloseTimeout: OUTAGE, retry };

/** A paused job is cancelled after a week: what nobody misses must not wait for ever. */
export const PAUSE_LIMIT_MS = 7 * 24 * 3_600_000;

/** How long a job waits for a learning that another job started, before it goes on with the general extractor. */
export const JOIN_LEARNING_TIMEOUT = '10 minutes';
