import { GleanerUnreachable } from './errors.js';
import type { Query, Transport } from './transport.js';

/** A part of a list; `next` is the cursor of what follows. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

interface ListRequest {
  readonly path: string;
  readonly query?: Query;
  readonly signal: AbortSignal | undefined;
}

/** The items of a list, page after page, as they are asked for. */
export async function* listItems<T>(transport: Transport, { path, query, signal }: ListRequest): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  for (;;) {
    const page = await transport.json<Page<T>>({
      path,
      query: { ...query, cursor },
      signal,
    });
    yield* page.items;
    if (page.next === null || page.next === undefined) return;
    if (page.next === cursor) throw new GleanerUnreachable(transport.settings.url, `the list ${path} does not advance`);
    cursor = page.next;
  }
}
