import { franc } from 'franc';

/** ISO 639-3 codes that franc answers with → the shortest BCP 47 tag (https://www.rfc-editor.org/rfc/rfc5646 §2.2.1). */
const SHORT: Readonly<Record<string, string>> = {
  eng: 'en',
  deu: 'de',
  fra: 'fr',
  spa: 'es',
  por: 'pt',
  ita: 'it',
  nld: 'nl',
  swe: 'sv',
  dan: 'da',
  nob: 'nb',
  nno: 'nn',
  fin: 'fi',
  isl: 'is',
  pol: 'pl',
  ces: 'cs',
  slk: 'sk',
  slv: 'sl',
  hrv: 'hr',
  bos: 'bs',
  srp: 'sr',
  bul: 'bg',
  ron: 'ro',
  hun: 'hu',
  ell: 'el',
  rus: 'ru',
  ukr: 'uk',
  bel: 'be',
  tur: 'tr',
  azj: 'az',
  kaz: 'kk',
  uzn: 'uz',
  arb: 'ar',
  heb: 'he',
  pes: 'fa',
  urd: 'ur',
  hin: 'hi',
  ben: 'bn',
  mar: 'mr',
  guj: 'gu',
  pan: 'pa',
  tam: 'ta',
  tel: 'te',
  kan: 'kn',
  mal: 'ml',
  sin: 'si',
  nep: 'ne',
  npi: 'ne',
  tha: 'th',
  vie: 'vi',
  ind: 'id',
  zlm: 'ms',
  jav: 'jv',
  sun: 'su',
  tgl: 'tl',
  ceb: 'ceb',
  cmn: 'zh',
  jpn: 'ja',
  kor: 'ko',
  mya: 'my',
  khm: 'km',
  lao: 'lo',
  amh: 'am',
  swh: 'sw',
  hau: 'ha',
  yor: 'yo',
  ibo: 'ig',
  zul: 'zu',
  afr: 'af',
  cat: 'ca',
  glg: 'gl',
  eus: 'eu',
  lit: 'lt',
  lav: 'lv',
  lvs: 'lv',
  est: 'et',
  ekk: 'et',
  als: 'sq',
  mkd: 'mk',
  kat: 'ka',
  hye: 'hy',
  epo: 'eo',
  gle: 'ga',
  cym: 'cy',
  bre: 'br',
  som: 'so',
};
const LONG: ReadonlyMap<string, string> = new Map(Object.entries(SHORT).map(([long, short]) => [short, long]));

/** Rare neighbours (Scots beside English) are not guessed at: a page in one of them says so. */
const KNOWN = Object.keys(SHORT);

/** Below this many characters trigrams guess: the page's own word counts more. */
const MIN_RELIABLE = 300;
const MIN_DETECTABLE = 60;
const MAX_READ = 8_000;

/** ISO 639-3 of a BCP 47 tag, for lists that are kept by it; null when unknown. */
export function longCode(tag: string): string | null {
  return LONG.get(tag.toLowerCase().split('-')[0] ?? '') ?? null;
}

/**
 * The language of a text. What the page declares holds where the text is short, where both agree (then with its region), or
 * where nothing is detected; a long text that is clearly another language overrules it.
 */
export function detectLanguage(text: string, declared: string | null): string | null {
  if (text.length < MIN_DETECTABLE) return declared;
  const code = franc(text.slice(0, MAX_READ), { minLength: MIN_DETECTABLE, only: KNOWN });
  const detected = code === 'und' ? null : (SHORT[code] ?? code);
  if (detected === null) return declared;
  if (declared === null) return detected;
  const primary = declared.toLowerCase().split('-')[0];
  const kin = primary === detected || (primary === 'no' && (detected === 'nb' || detected === 'nn' || detected === 'da'));
  return kin || text.length < MIN_RELIABLE ? declared : detected;
}
