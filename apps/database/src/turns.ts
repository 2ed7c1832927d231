/** Gives the turn back; calling it again does nothing. */
export type Release = () => void;

/** One holder at a time, first come first served. */
export class Turns {
  #held = false;
  #waiting: (() => void)[] = [];

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Waits for the turn. Rejects with the signal's reason when it aborts first; the place in the line is then free. */
  take(signal: AbortSignal): Promise<Release> {
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
        this.#waiting = this.#waiting.filter((other) => other !== grant);
        reject(signal.reason);
      };
      this.#waiting.push(grant);
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
    const grant = this.#waiting.shift();
    if (grant === undefined) this.#held = false;
    else grant();
  }
}
