/**
 * Characters that a reader does not see and a model does: zero-width and bidirectional controls, soft hyphens, variation selectors,
 * tag characters, and controls other than tab and line feed.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

/**
 * Text of a page as models get it. What a model copies is a substring of this, and not always of the page: compare with it.
 * CR and CRLF become LF.
 */
export function cleanPageText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(INVISIBLE, '');
}
