import { createHash } from 'node:crypto';
import { type Chunk, estimateTokens } from '@gleaner/domain';

const DEFAULT_MAX_TOKENS = 256;
const MIN_MAX_TOKENS = 16;

export interface ChunkOptions {
  /** Estimated tokens (`estimateTokens`) that no chunk passes. At least 16. */
  readonly maxTokens?: number;
}

interface Block {
  readonly text: string;
  readonly headings: readonly string[];
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const HEADING = /^(#{1,6})\s+(.*)$/;

/** Blocks between empty lines, code fences whole, each with the headings above it. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const path: { level: number; text: string }[] = [];
  let lines: string[] = [];
  let fence: string | null = null;
  const flush = (): void => {
    const text = lines.join('\n');
    if (text.trim() !== '') blocks.push({ text, headings: path.map((heading) => heading.text) });
    lines = [];
  };
  for (const line of markdown.split('\n')) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== null) {
      lines.push(line);
      if (mark !== undefined && mark.startsWith(fence) && line.trim() === mark) fence = null;
      continue;
    }
    if (mark !== undefined) fence = mark;
    const heading = fence === null ? HEADING.exec(line) : null;
    if (heading !== null) {
      flush();
      const level = (heading[1] ?? '').length;
      while ((path.at(-1)?.level ?? 0) >= level) path.pop();
      path.push({ level, text: (heading[2] ?? '').trim().slice(0, 200) });
      lines.push(line);
      flush();
    } else if (line.trim() === '' && fence === null) flush();
    else lines.push(line);
  }
  flush();
  return blocks;
}

/** Ends of sentences and of lines: where a long block may be cut. */
const SENTENCE = /[^\n.!?。！？]*(?:[.!?。！？]+["'”’)\]]*\s*|\n|$)/gu;

/** A piece that fits into `max` tokens from the start of a text without any good place to cut; never inside a surrogate pair. */
function hardCut(text: string, max: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = cutAfter(text, start, max);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

/** Where a piece of at most `max` tokens that begins at `start` ends. Looks at one window, never at the whole rest: linear in the text. */
function cutAfter(text: string, start: number, max: number): number {
  let length = Math.min(text.length - start, max * 4);
  while (length > 1 && estimateTokens(text.slice(start, start + length)) > max) length = Math.floor(length * 0.75);
  if (start + length === text.length) return text.length;
  const space = text.slice(start, start + length).lastIndexOf(' ');
  if (space > length / 2) length = space + 1;
  const unit = text.charCodeAt(start + length - 1);
  if (unit >= 0xd800 && unit <= 0xdbff) length += length > 1 ? -1 : 1;
  return start + length;
}

/** Packs parts into pieces of at most `max` tokens, in order, nothing lost. */
function pack(parts: readonly string[], max: number, joint: string): string[] {
  const pieces: string[] = [];
  let current = '';
  for (const part of parts) {
    const joined = current === '' ? part : current + joint + part;
    if (estimateTokens(joined) <= max) current = joined;
    else {
      if (current !== '') pieces.push(current);
      current = part;
    }
  }
  if (current !== '') pieces.push(current);
  return pieces;
}

function splitBlock(text: string, max: number): string[] {
  if (estimateTokens(text) <= max) return [text];
  const sentences = (text.match(SENTENCE) ?? [text]).filter((part) => part !== '');
  return pack(
    sentences.flatMap((sentence) => hardCut(sentence, max)),
    max,
    '',
  );
}

const samePath = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((heading, level) => heading === b[level]);

/**
 * Cuts Markdown into chunks of at most `maxTokens` (256): at headings first, then between blocks, then between sentences, at
 * last anywhere. Every character that is not white space stands in exactly one chunk, in order. `contentHash` is `sha256:` and
 * the hash of the text in hexadecimal.
 */
export function chunkMarkdown(markdown: string, { maxTokens = DEFAULT_MAX_TOKENS }: ChunkOptions = {}): Chunk[] {
  const max = Math.max(MIN_MAX_TOKENS, maxTokens);
  const chunks: { text: string; headings: readonly string[] }[] = [];
  let group: Block[] = [];
  const flush = (): void => {
    const [first] = group;
    if (first === undefined) return;
    const parts = group.flatMap((block) => splitBlock(block.text, max));
    for (const text of pack(parts, max, '\n\n')) chunks.push({ text: text.replace(/^\n+|(?<!\s)\s+$/g, ''), headings: first.headings });
    group = [];
  };
  for (const block of blocksOf(markdown)) {
    if (group.length > 0 && !samePath(group[0]?.headings ?? [], block.headings)) flush();
    group.push(block);
  }
  flush();
  return chunks
    .filter(({ text }) => text.trim() !== '')
    .map(({ text, headings }, ordinal) => ({
      ordinal,
      text,
      headings,
      contentHash: `sha256:${createHash('sha256').update(text).digest('hex')}`,
      tokenCount: estimateTokens(text),
    }));
}
