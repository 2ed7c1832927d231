import type { DocumentRecord } from '@gleaner/domain';

/**
 * A document as one Markdown text: its title as the heading, then its content. `page.markdown` does not repeat the
 * title, because the document has it as a field; a text that stands alone needs it.
 */
export function documentMarkdown({ page }: DocumentRecord): string {
  const content = page.markdown.trim();
  const heading = `# ${page.title.replace(/\s+/g, ' ').replace(/([\\`*_[\]<>])/g, '\\$1')}`;
  if (page.title === '' || content.startsWith('# ')) return `${content}\n`;
  return `${heading}\n\n${content}\n`;
}
