import { access, open, rename, rm } from 'node:fs/promises';
import type { ExportFormat } from '@gleaner/sdk';
import { createLogUpdate } from 'log-update';
import { EXIT, type ExitCode, UsageError } from '../exit-code.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';

export interface ExportFlags {
  readonly format: ExportFormat;
  /** `-`: stdout. */
  readonly output?: string;
  readonly force?: boolean;
}

const REDRAW_MS = 200;

/** Writes the documents of a finished crawl into a file, which has its name only when it is whole, or to stdout. */
export async function exportJob(session: Session, id: string, { format, output, force }: ExportFlags): Promise<ExitCode> {
  const target = output ?? (format === 'zip' ? `${id}.zip` : '-');
  const { terminal, signal } = session;
  if (target === '-' && format === 'zip' && terminal.isStdoutTerminal)
    throw new UsageError('an archive is not for a terminal: name a file with --output');
  if (target !== '-' && force !== true) await refuseExisting(target);
  const { client } = await connect(session);
  const progress = createByteProgress(session);
  const copy = async (write: (part: Uint8Array) => Promise<unknown>): Promise<void> => {
    const stream = await client.export(id, { format, signal });
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      await write(value);
      progress.add(value.length);
    }
  };
  try {
    if (target === '-') await copy((part) => terminal.bytes(part));
    else await intoFile(target, force === true, copy);
  } finally {
    progress.end();
  }
  const bytes = formatBytes(progress.bytes);
  if (target === '-') terminal.note(`${bytes} written`);
  else if (session.flags.json === true) terminal.json({ job: id, format, file: target, bytes: progress.bytes });
  else terminal.data(`${plain(target)}  ${bytes}`);
  return EXIT.ok;
}

async function intoFile(
  target: string,
  force: boolean,
  copy: (write: (part: Uint8Array) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const part = `${target}.${process.pid}.part`;
  const file = await open(part, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${target} cannot be written (${error.code ?? error.message})`);
  });
  try {
    await copy((bytes) => file.writeFile(bytes));
    await file.sync();
    await file.close();
    // It may have come in the meantime.
    if (!force) await refuseExisting(target);
    await rename(part, target);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(part, { force: true });
    throw error;
  }
}

async function refuseExisting(target: string): Promise<void> {
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UsageError(`${target} is there already: --force writes over it, --output names another file`);
}

interface ByteProgress {
  readonly bytes: number;
  add(bytes: number): void;
  end(): void;
}

/** How much came, in place on a terminal; elsewhere the end says it. */
function createByteProgress({ terminal }: Session): ByteProgress {
  const update = terminal.isLive ? createLogUpdate(terminal.stderr as NodeJS.WriteStream) : undefined;
  let bytes = 0;
  const timer = setInterval(() => update?.(`  ${formatBytes(bytes)} so far`), REDRAW_MS);
  return {
    get bytes() {
      return bytes;
    },
    add: (more) => (bytes += more),
    end: () => {
      clearInterval(timer);
      update?.clear();
    },
  };
}

/** `512 B`, `3.4 kB`, `1.2 GB`: powers of 1,000. */
function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return power === 0 ? `${bytes} B` : `${(bytes / 1_000 ** power).toFixed(1)} ${units[power]}`;
}
