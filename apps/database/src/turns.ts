/** Gives the turn back; calling it again does nothing. */
export type Release = () => void;

/** `interactive`: somebody waits for the answer. */
export type Urgency = 'interactive' | 'bulk';

/** Bulk work gets every so manieth turn for certain, however many interactive ones wait. */
const BULK_EVERY = 4;

/** One holder at a time: interactive ones before bulk ones, each kind first come first served. */
export class Turns {
  #held = false;
  #interactiveInARow = 0;
  readonly #waiting: Record<Urgency, (() => void)[]> = { interactive: [], bulk: [] };

  get waitingCount(): number {
    return this.#waiting.interactive.length + this.#waiting.bulk.length;
  }

  /** Waits for the turn. Rejects with the signal's reason when it aborts first; the place in the line is then free. */
  take(signal: AbortSignal, urgency: Urgency = 'bulk'): Promise<Release> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (!this.#held) {
      this.#held = true;
      return Promise.resolve(this.#releaser());
    }
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        signal.removeEventListener('abort', leave);
        resolve(this.#releaser());
      };
      const leave = (): void => {
        this.#waiting[urgency] = this.#waiting[urgency].filter((other) => other !== grant);
        reject(signal.reason);
      };
      this.#waiting[urgency].push(grant);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #releaser(): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      // Statements run on this thread: without a pause between two turns no socket, timer or signal would be served.
      setImmediate(() => this.#next());
    };
  }

  #next(): void {
    const { interactive, bulk } = this.#waiting;
    const isBulkDue = bulk.length > 0 && (interactive.length === 0 || this.#interactiveInARow >= BULK_EVERY - 1);
    this.#interactiveInARow = isBulkDue || interactive.length === 0 ? 0 : this.#interactiveInARow + 1;
    const grant = isBulkDue ? bulk.shift() : interactive.shift();
    if (grant === undefined) this.#held = false;
    else grant();
  }
}
