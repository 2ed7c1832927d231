import type { JobEvent } from './event.js';
import type { Job } from './job.js';
import type { LiveMessage } from './live.js';

/** A reader that is this far behind gets the rest with a new connection instead of from memory. */
const MAX_WAITING = 1_000;
/** Codes that no server sends; 4000 … 4999 are free for programs. */
const TOO_FAR_BEHIND = 4_000;
const SILENT = 4_001;
const NOT_OURS = 4_002;

/** What a socket said and nobody has taken yet. */
export class Inbox {
  #waiting: LiveMessage[] = [];
  #code: number | null = null;
  #wake: () => void = () => undefined;

  constructor(socket: WebSocket) {
    socket.addEventListener('message', ({ data }: MessageEvent) => {
      const message = messageOf(data);
      if (message === null) this.#end(NOT_OURS);
      else this.#put(message);
    });
    socket.addEventListener('close', ({ code }) => this.#end(code));
    // The close that follows says the same.
    socket.addEventListener('error', () => undefined);
  }

  /** The next message, or the code with which the connection ended. Rejects with the reason of `signal`. */
  async next(idleTimeoutMs: number, signal: AbortSignal | undefined): Promise<LiveMessage | number> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#code === null) await this.#something(idleTimeoutMs, signal);
    signal?.throwIfAborted();
    return this.#waiting.shift() ?? this.#code ?? SILENT;
  }

  #put(message: LiveMessage): void {
    if (this.#code !== null) return;
    // Only the newest snapshot is worth anything.
    if (message.kind === 'snapshot') this.#waiting = this.#waiting.filter(({ kind }) => kind !== 'snapshot');
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) this.#end(TOO_FAR_BEHIND);
    this.#wake();
  }

  #end(code: number): void {
    this.#code ??= code;
    this.#wake();
  }

  #something(idleTimeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, idleTimeoutMs);
      signal?.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}

function messageOf(data: unknown): LiveMessage | null {
  try {
    const { event, snapshot } = JSON.parse(String(data)) as { readonly event?: JobEvent; readonly snapshot?: Job };
    if (event !== undefined && Number.isSafeInteger(event.seq)) return { kind: 'event', event };
    return snapshot === undefined ? null : { kind: 'snapshot', job: snapshot };
  } catch {
    // Not JSON: no message of ours.
    return null;
  }
}
