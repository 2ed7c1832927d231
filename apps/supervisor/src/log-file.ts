import { appendFileSync, renameSync, statSync } from 'node:fs';

const MAX_BYTES = 10_000_000;

/** A log file that is moved to `NAME.log.1` when it is full: at most two of them lie there. */
export class LogFile {
  private bytes: number;

  constructor(
    readonly path: string,
    private readonly maxBytes: number = MAX_BYTES,
  ) {
    this.bytes = sizeOf(path);
  }

  /** Never throws: a full disk must not end the supervisor. */
  append(line: string): void {
    const text = `${line}\n`;
    try {
      if (this.bytes + text.length > this.maxBytes) {
        renameSync(this.path, `${this.path}.1`);
        this.bytes = 0;
      }
      appendFileSync(this.path, text, { mode: 0o600 });
      this.bytes += Buffer.byteLength(text);
    } catch {
      // The line is lost; what is worth a person's attention was shown on stderr too.
    }
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
