import type { PageFetched, Snapshot } from '@gleaner/domain';

/** What fetching gave one page, of one kind. */
export type Kind<Name extends PageFetched['kind']> = Extract<PageFetched, { kind: Name }>;

/** Those of one kind, in their order. */
export function ofKind<Name extends PageFetched['kind']>(pages: readonly PageFetched[], kind: Name): Kind<Name>[] {
  return pages.filter((page): page is Kind<Name> => page.kind === kind);
}

/** The columns of a page that its snapshot fills. */
export function columnsOf(snapshot: Snapshot): Record<string, unknown> {
  return { snapshot, status: snapshot.status, bytes: snapshot.body.bytes, method: snapshot.method };
}
