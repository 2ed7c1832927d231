/** npm passes the terminal's Ctrl-C on, so one press arrives twice. */
const REPEAT_MS = 2_000;

export interface StopSignals {
  /** Aborted by the first signal; the reason says which. */
  readonly signal: AbortSignal;
  /** Called by a later one. */
  onForce(force: () => void): void;
}

/** SIGINT, SIGTERM, SIGHUP, or the end of the bootstrap that started us: stop in order; the same again later: at once. */
export function listenForStop(source: NodeJS.EventEmitter = process, now: () => number = Date.now): StopSignals {
  const stop = new AbortController();
  let firstAt: number | undefined;
  let force = (): void => undefined;
  const hear = (name: string): void => {
    firstAt ??= now();
    if (!stop.signal.aborted) stop.abort(new Error(name));
    else if (now() - firstAt > REPEAT_MS && name !== 'disconnect') force();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) source.on(name, () => hear(name));
  return { signal: stop.signal, onForce: (action) => (force = action) };
}
