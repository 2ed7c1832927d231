/** Escapes what CommonMark would read as markup inside running text. Line starts are the business of `escapeLineStart`. */
export function escapeText(text: string): string {
  let escaped = text.replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\').replace(/`/g, '\\`');
  if (escaped.includes('*')) escaped = escaped.replace(/\*(?=\S)|(?<=\S)\*/g, '\\*');
  if (escaped.includes('_')) escaped = escaped.replace(/(?<![\p{L}\p{N}])_(?=\S)|(?<=\S)_(?![\p{L}\p{N}])/gu, '\\_');
  if (escaped.includes('<')) escaped = escaped.replace(/<(?=[a-z/!?])/gi, '\\<');
  if (escaped.includes('&')) escaped = escaped.replace(/&(?=#?[a-z0-9]{1,31};)/gi, '\\&');
  if (escaped.includes('['))
    escaped = escaped.replace(/\[([^[\]]{0,500})\](?=[([:])/g, '\\[$1\\]').replace(/(?<!\\)\[(?=\^|[ xX]\])/g, '\\[');
  if (escaped.includes('~~')) escaped = escaped.replace(/~~/g, '\\~\\~');
  return escaped;
}

/** Brackets inside a link's own text would end it. */
export function escapeLabel(markdown: string): string {
  return markdown.replace(/\\?[[\]]/g, (bracket) => (bracket.length === 2 ? bracket : `\\${bracket}`));
}

/** Escapes what starts a block when it is the first thing on a line of a paragraph. */
export function escapeLineStart(line: string): string {
  const digits = /^(\d{1,9})([.)])(?=\s|$)/.exec(line);
  if (digits !== null) return `${digits[1]}\\${line.slice((digits[1] ?? '').length)}`;
  if (/^(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|~~~|=+\s*$|-{2,}\s*$)/.test(line)) return `\\${line}`;
  return line;
}

/** A link target between parentheses: no white space, no parentheses. */
export function escapeTarget(url: string): string {
  return url.replace(/[\s()<>]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Inline code with a delimiter longer than any run of backticks in it. */
export function codeSpan(code: string): string {
  const text = code.replace(/\s+/g, ' ');
  if (text.trim() === '') return '';
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = '`'.repeat(longest + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.trim()}${pad}${fence}`;
}
