import { createHash } from 'node:crypto';

/** `sha256:…` of the words alone: white space and the order of attributes do not make a page new. */
export function contentHashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text.normalize('NFC').replace(/\s+/g, ' ').trim()).digest('hex')}`;
}
