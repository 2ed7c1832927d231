const MONTHS: ReadonlyMap<string, number> = new Map(
  (
    [
      ['jan', 'january', 'januar', 'janvier', 'enero', 'janeiro', 'gennaio', 'januari'],
      ['feb', 'february', 'februar', 'février', 'fevrier', 'febrero', 'fevereiro', 'febbraio', 'februari'],
      ['mar', 'march', 'märz', 'maerz', 'mars', 'marzo', 'março', 'marco', 'maart'],
      ['apr', 'april', 'avril', 'abril', 'aprile'],
      ['may', 'mai', 'mayo', 'maio', 'maggio', 'mei'],
      ['jun', 'june', 'juni', 'juin', 'junio', 'junho', 'giugno'],
      ['jul', 'july', 'juli', 'juillet', 'julio', 'julho', 'luglio'],
      ['aug', 'august', 'août', 'aout', 'agosto', 'augustus'],
      ['sep', 'sept', 'september', 'septembre', 'septiembre', 'setembro', 'settembre'],
      ['oct', 'october', 'okt', 'oktober', 'octobre', 'octubre', 'outubro', 'ottobre'],
      ['nov', 'november', 'novembre', 'noviembre', 'novembro'],
      ['dec', 'december', 'dez', 'dezember', 'décembre', 'decembre', 'diciembre', 'dezembro', 'dicembre'],
    ] as const
  ).flatMap((names, index) => names.map((name) => [name, index + 1] as const)),
);

const pad = (value: number): string => String(value).padStart(2, '0');

function calendarDate(year: number, month: number, day: number): string | null {
  if (year < 1900 || year > 2200 || month < 1 || month > 12 || day < 1) return null;
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day > last ? null : `${year}-${pad(month)}-${pad(day)}`;
}

const ISO = /(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|[+-]\d{2}:?\d{2})?)?/i;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?$/;

function zoneOf(text: string | undefined): string {
  if (text === undefined) return '';
  return text.toUpperCase() === 'Z' ? 'Z' : text.includes(':') ? text : `${text.slice(0, 3)}:${text.slice(3)}`;
}

function isoDate(match: RegExpExecArray): string | null {
  const [, year, month, day, hour, minute, second, zone] = match;
  const date = calendarDate(Number(year), Number(month), Number(day));
  if (date === null || hour === undefined || Number(hour) > 23 || Number(minute) > 59) return date;
  return `${date}T${hour}:${minute ?? '00'}:${second ?? '00'}${zoneOf(zone)}`;
}

const MONTH_FIRST = /([\p{L}]{3,10})\.?\s{1,3}(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}(\d{4})/u;
const DAY_FIRST = /(\d{1,2})(?:st|nd|rd|th|\.|º)?\s{1,3}(?:de\s|of\s)?([\p{L}]{3,10})\.?,?\s{1,3}(?:de\s)?(\d{4})/u;
const DOTTED = /(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)/;
const SLASHED = /(?<!\d)(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/;
const YEAR_FIRST = /(?<!\d)(\d{4})[/.年]\s?(\d{1,2})[/.月]\s?(\d{1,2})(?!\d)/;

function namedDate(text: string): string | null {
  const monthFirst = MONTH_FIRST.exec(text);
  if (monthFirst !== null) {
    const month = MONTHS.get((monthFirst[1] ?? '').toLowerCase());
    if (month !== undefined) return calendarDate(Number(monthFirst[3]), month, Number(monthFirst[2]));
  }
  const dayFirst = DAY_FIRST.exec(text);
  const month = dayFirst === null ? undefined : MONTHS.get((dayFirst[2] ?? '').toLowerCase());
  return dayFirst === null || month === undefined ? null : calendarDate(Number(dayFirst[3]), month, Number(dayFirst[1]));
}

/** Numbers alone: with slashes only when day and month cannot be mistaken for each other. */
function numberedDate(text: string): string | null {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return calendarDate(Number(yearFirst[1]), Number(yearFirst[2]), Number(yearFirst[3]));
  const dotted = DOTTED.exec(text);
  if (dotted !== null) return calendarDate(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  const slashed = SLASHED.exec(text);
  if (slashed === null) return null;
  const [first, second, year] = [Number(slashed[1]), Number(slashed[2]), Number(slashed[3])];
  if (first > 12) return calendarDate(year, second, first);
  return second > 12 || first === second ? calendarDate(year, first, second) : null;
}

/**
 * The date in a text as ISO 8601, as precise as the text: `2026-03-05` or with time and zone. Null when there is none, or
 * when day and month could be either.
 */
export function readDate(source: string): string | null {
  const text = source.trim().slice(0, 200);
  const compact = COMPACT.exec(text);
  if (compact !== null) return isoDate(compact);
  const iso = ISO.exec(text);
  if (iso !== null) return isoDate(iso);
  if (/^\d{10}(?:\d{3})?$/.test(text)) return new Date(Number(text) * (text.length === 10 ? 1_000 : 1)).toISOString();
  return namedDate(text) ?? numberedDate(text);
}

/** Whether a line says how long ago something was. */
export function isAgo(line: string): boolean {
  return /\b\d{1,3}\s?(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[hdmwy])\s+ago\b|\byesterday\b|\btoday at\b|\bvor \d|\bil y a\b/i.test(
    line,
  );
}
