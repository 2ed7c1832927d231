/** Our keys, keys of model providers, bearer tokens: known by their shape, wherever they turn up. */
const KEYS = /\b(?:glk_|sk-|gsk_|nvapi-|AIza)[\w-]{6,}|\b(?<scheme>(?:Bearer|Basic) +)[\w.~+/=-]{6,}/g;
/** `user:password@` of a URL of any scheme. */
const PASSWORD = /(?<start>:\/\/[^\s:/@"'\\]*):[^\s/@"'\\]+@/g;
const SECRET_PARAMETER = /(?<name>[?&](?:\w*(?:key|token|secret|password|signature|auth|session)|sig|code)=)[^&#\s"'<>\\]+/gi;

/** The text without what looks like a secret. Leaves quotes and backslashes alone: a JSON line stays one. */
export function withoutSecrets(text: string): string {
  return text.replace(KEYS, '$<scheme>[secret]').replace(PASSWORD, '$<start>:[secret]@').replace(SECRET_PARAMETER, '$<name>[secret]');
}

const URL_IN_TEXT = /(?<scheme>https?:\/\/)(?:[^\s/?#@"'<>]*@)?(?<place>[^\s?#"'<>]*)(?<rest>[?#][^\s"'<>]*)?/g;

/** The text with its URLs cut down to scheme, host and path: what a trace may carry to another system. */
export function withoutQueries(text: string): string {
  return withoutSecrets(text.replace(URL_IN_TEXT, '$<scheme>$<place>'));
}
