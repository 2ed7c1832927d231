/** The product token of a User-Agent line or header: its leading letters, `_` and `-`, lower case (RFC 9309 §2.2.1). */
export function productToken(text: string): string {
  return (/^[a-z_-]*/i.exec(text.trim())?.[0] ?? '').toLowerCase();
}
