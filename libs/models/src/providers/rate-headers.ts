export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** No pause is longer, whatever a header says. */
const MAX_PAUSE_MS = 3_600_000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Remaining and reset of each limit: OpenAI, Groq and those like them, then Anthropic. */
const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((unit) => [
  [`x-ratelimit-remaining-${unit}`, `x-ratelimit-reset-${unit}`],
  [`anthropic-ratelimit-${unit}-remaining`, `anthropic-ratelimit-${unit}-reset`],
]);

/**
 * How long a provider asks to be left alone: `retry-after-ms` or `retry-after` (seconds or a date), else the reset of a limit of
 * which nothing is left. Undefined: it says nothing. `now` in milliseconds since the epoch.
 */
export function pauseOf(headers: Headers, now: number): number | undefined {
  const exact = Number(first(headers, 'retry-after-ms') ?? Number.NaN);
  const asked = Number.isFinite(exact) ? exact : durationMs(first(headers, 'retry-after'), now);
  if (asked !== undefined) return bounded(asked);
  const resets = LIMITS.filter(([remaining = '']) => first(headers, remaining) === '0')
    .map(([, reset = '']) => durationMs(first(headers, reset), now))
    .filter((value) => value !== undefined);
  return resets.length === 0 ? undefined : bounded(Math.max(...resets));
}

/** `2m59.56s`, `7.66s`, `120ms`, `17` (seconds), an RFC 3339 or HTTP date. */
export function durationMs(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = text.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) {
    let sum = 0;
    for (const [, number, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) sum += Number(number) * (UNIT_MS[unit ?? ''] ?? 0);
    return sum;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date - now;
}

function first(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

function bounded(milliseconds: number): number {
  return Math.ceil(Math.min(MAX_PAUSE_MS, Math.max(0, milliseconds)));
}
