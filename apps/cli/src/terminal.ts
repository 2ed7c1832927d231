import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export interface TerminalOptions {
  /** Data goes here, and nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean };
  /** Progress and errors go here. */
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly hasNoColor: boolean;
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** C0 and C1 controls except tab and line feed: what a page says must not be able to steer the terminal. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export class Terminal {
  readonly stderr: TerminalOptions['stderr'];
  /** stderr can be rewritten in place. */
  readonly isLive: boolean;
  readonly #stdout: TerminalOptions['stdout'];
  readonly #hasNoColor: boolean;

  constructor(options: TerminalOptions) {
    this.#stdout = options.stdout;
    this.stderr = options.stderr;
    this.#hasNoColor = options.hasNoColor;
    this.isLive = options.stderr.isTTY === true;
  }

  /** Data, as it is into a file or pipe, without control characters on a terminal. */
  data(text: string): void {
    const line = text.endsWith('\n') ? text : `${text}\n`;
    this.#stdout.write(this.#stdout.isTTY === true ? line.replace(CONTROLS, '') : line);
  }

  /** Bytes as they are, no faster than they are taken; on a terminal without control characters. */
  async bytes(part: Uint8Array): Promise<void> {
    const shown = this.#stdout.isTTY === true ? Buffer.from(part).toString('utf8').replace(CONTROLS, '') : part;
    if (!this.#stdout.write(shown)) await once(this.#stdout, 'drain');
  }

  get isStdoutTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  json(value: unknown): void {
    this.data(JSON.stringify(value, null, 2));
  }

  /** A table or another text made for people: styled on a terminal. */
  text(text: string): void {
    this.#stdout.write(`${text}\n`);
  }

  note(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  error(message: string, advice?: string): void {
    this.note(`${this.mark('error:', 'red')} ${plain(message)}`);
    if (advice !== undefined) this.note(`  ${advice}`);
  }

  /** Styled for stderr. */
  mark(text: string, style: Style): string {
    return this.#style(text, style, this.isLive);
  }

  /** Styled for stdout. */
  paint(text: string, style: Style): string {
    return this.#style(text, style, this.#stdout.isTTY === true);
  }

  #style(text: string, style: Style, isTerminal: boolean): string {
    // The stream was asked already; styleText would ask process.stdout instead.
    return isTerminal && !this.#hasNoColor ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** One line without control characters, for text that comes from pages or servers. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(CONTROLS, '').trim();
}
