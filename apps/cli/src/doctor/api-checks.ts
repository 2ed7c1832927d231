import { GleanerError, GleanerUnreachable, createClient } from '@gleaner/sdk';
import { formatDuration } from '../duration.js';
import type { Target } from '../target.js';
import { type Finding, bad, good } from './finding.js';

const TIMEOUT_MS = 10_000;

/** The API, each part it looks after, and the key. */
export async function checkApi(target: Target, signal: AbortSignal): Promise<Finding[]> {
  const client = createClient({
    url: target.url,
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    ...(target.key === undefined ? {} : { key: target.key }),
  });
  const began = performance.now();
  try {
    const { checks, isReady } = await client.ready({ signal });
    const findings = [good('API', `${target.url} answers in ${formatDuration(performance.now() - began)}`)];
    for (const check of checks) {
      const latency = check.latencyMs === null ? '' : formatDuration(check.latencyMs);
      const detail = [latency, check.reason ?? ''].filter((part) => part !== '').join(', ');
      findings.push(
        check.isOk
          ? good(`  ${check.name}`, detail)
          : bad(
              `  ${check.name}`,
              detail || 'not ready',
              'It is started again by itself; if this stays, look at the logs in the data folder.',
            ),
      );
    }
    if (!isReady && checks.every((check) => check.isOk))
      findings.push(bad('readiness', 'the API says it is not ready', 'Wait a moment, then look again.'));
    return [
      ...findings,
      await checkClock(target.url, signal),
      await checkKey(client, target.key, signal),
      ...(await checkPools(client, signal)),
    ];
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof GleanerUnreachable) return [bad('API', error.message, 'Start it with: npm start')];
    if (error instanceof GleanerError)
      return [
        bad(
          'API',
          `${target.url} answers ${error.status} ${error.code}`,
          'Is this the address of a Gleaner API? Correct --url or GLEANER_URL.',
        ),
      ];
    throw error;
  }
}

async function checkKey(client: ReturnType<typeof createClient>, key: string | undefined, signal: AbortSignal): Promise<Finding> {
  if (key === undefined) return bad('API key', 'none', 'Pass --key, set GLEANER_API_KEY, or name the data folder with --data.');
  try {
    await client.jobs({ pageSize: 1 }, { signal })[Symbol.asyncIterator]().next();
    return good('API key', 'accepted');
  } catch (error) {
    if (signal.aborted) throw error;
    const isRefused = error instanceof GleanerError && (error.status === 401 || error.status === 403);
    if (isRefused) return bad('API key', 'refused', 'Use the key in admin.key of the data folder that this API runs on.');
    return bad('API key', error instanceof Error ? error.message : String(error), 'Mend the parts above first.');
  }
}

/** HTTP dates have no parts of a second, and an answer takes its time. */
const MOST_SKEW_MS = 5_000;

/** Expiry, daily limits and ages are reckoned on both sides. */
async function checkClock(url: string, signal: AbortSignal): Promise<Finding> {
  const name = 'clock';
  const answer = await fetch(`${url}/health/live`, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) }).catch(
    () => null,
  );
  await answer?.body?.cancel();
  const there = Date.parse(answer?.headers.get('date') ?? '');
  if (Number.isNaN(there)) return good(name, 'the API does not say what time it is');
  const skewMs = Math.abs(Date.now() - there);
  if (skewMs <= MOST_SKEW_MS) return good(name, 'the same here and at the API');
  return bad(name, `${formatDuration(skewMs)} apart from the API's`, 'Set the clocks of both machines by NTP.');
}

/** Which queues nobody serves, and which fall behind. Only an admin may see it; others get nothing. */
async function checkPools(client: ReturnType<typeof createClient>, signal: AbortSignal): Promise<Finding[]> {
  const system = await client.system({ signal }).catch((error: unknown) => {
    if (signal.aborted || error instanceof GleanerUnreachable) throw error;
    return null;
  });
  return (system?.pools ?? []).map(({ queue, pollers, slots, backlog }) => {
    const name = `  pool ${queue}`;
    if (pollers === null) return bad(name, 'Temporal does not say who polls it', 'Look at the check of temporal above.');
    if (pollers.length === 0) return bad(name, 'nobody polls it: its tasks wait for ever', `Start a worker with --pools ${queue}.`);
    const words = [`${pollers.length} ${pollers.length === 1 ? 'poller' : 'pollers'}`];
    if (slots !== null) words.push(`${slots.used} of ${slots.used + slots.available} slots used`);
    if (backlog !== null && backlog > 0) words.push(`${backlog} waiting`);
    return good(name, words.join(', '));
  });
}
