/** Names that are left alone for a while: a provider that limits, a key that is refused. State of this process alone. */
export interface Pauses {
  /** Never shortens a pause. */
  pause(name: string, forMs: number): void;
  /** 0: none. */
  remainingMs(name: string): number;
}

/** Names come from the configuration, so there are few of them. */
export function createPauses(now: () => number): Pauses {
  const until = new Map<string, number>();
  return {
    pause: (name, forMs) => void until.set(name, Math.max(until.get(name) ?? 0, now() + forMs)),
    remainingMs: (name) => Math.max(0, (until.get(name) ?? 0) - now()),
  };
}
