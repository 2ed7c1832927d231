import type { DocumentRecord } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { documentMarkdown } from './document-markdown.js';

const of = (title: string, markdown: string): string => documentMarkdown({ page: { title, markdown } } as DocumentRecord);

it('puts the title above the content', () => expect(of('Tides', 'High water.')).toBe('# Tides\n\nHigh water.\n'));
it('keeps the characters of a title from being markup', () => expect(of('A * in [x]\ny', 'z')).toBe('# A \\* in \\[x\\] y\n\nz\n'));
it('does not say it twice', () => expect(of('Tides', '# Tides\n\nHigh water.')).toBe('# Tides\n\nHigh water.\n'));
it('is the content alone without a title', () => expect(of('', 'x')).toBe('x\n'));
