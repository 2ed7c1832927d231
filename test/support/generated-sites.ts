/** Generated sites of a test, by name, and what a document of one must say. */
import type { Document } from '@gleaner/sdk';
import { type GeneratedSite, startGeneratedSite } from '@gleaner/site-generator';

type Options = NonNullable<Parameters<typeof startGeneratedSite>[0]>;

export async function startSites<Name extends string>(options: Readonly<Record<Name, Options>>): Promise<Record<Name, GeneratedSite>> {
  const started = Object.entries<Options>(options).map(async ([name, one]) => [name, await startGeneratedSite(one)] as const);
  return Object.fromEntries(await Promise.all(started)) as Record<Name, GeneratedSite>;
}

type Truth = NonNullable<ReturnType<GeneratedSite['truthOf']>>;

/** The document has the title and all paragraphs of its page, and nothing of its furniture. */
export function saysTheTruth({ title, text }: Pick<Document, 'title' | 'text'>, truth: Truth): boolean {
  return (
    title === truth.title &&
    truth.paragraphs.every((paragraph) => text.includes(paragraph)) &&
    truth.boilerplate.every((line) => !text.includes(line))
  );
}
