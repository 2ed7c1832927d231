import type { LedgerFilter, LedgerPage } from '@gleaner/sdk';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';

export interface PagesFlags extends Pick<LedgerFilter, 'state' | 'reason'> {
  readonly limit?: number;
}

const PAGE_SIZE = 500;

/** The ledger of a crawl, a page a line, as it comes: it can be long. */
export async function listPages(session: Session, id: string, { limit = Infinity, ...filter }: PagesFlags): Promise<ExitCode> {
  const { client } = await connect(session);
  const { signal, terminal } = session;
  let shown = 0;
  for await (const page of client.pages(id, { ...filter, pageSize: Math.min(limit, PAGE_SIZE) }, { signal })) {
    if (shown === limit) {
      terminal.note(`There are more: --limit ${limit} ends here`);
      break;
    }
    shown++;
    const line = session.flags.json === true ? JSON.stringify(page) : describe(page);
    await terminal.bytes(Buffer.from(`${line}\n`));
  }
  if (shown === 0) terminal.note('No pages.');
  return EXIT.ok;
}

function describe({ url, state, reason, status, documentId, detail, duplicateOf }: LedgerPage): string {
  const why = [detail ?? '', duplicateOf ?? ''].filter((word) => word !== '').join(' ');
  const columns = [state.padEnd(9), (reason ?? '-').padEnd(15), String(status ?? '-').padEnd(3), plain(url), documentId ?? '', plain(why)];
  return columns.filter((column) => column !== '').join('  ');
}
