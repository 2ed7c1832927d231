import fc from 'fast-check';

/** The same cases on every machine, and some that nobody has tried: a failure prints its seed and the smallest case. */
const SEEDS = [1, 20_261_121, 987_654_321] as const;

export interface LawOptions {
  /** Cases of each seed. */
  readonly runs?: number;
}

/** Asserts a law on generated cases. */
export function holds<Values>(law: fc.IProperty<Values>, { runs = 100 }: LawOptions = {}): void {
  for (const seed of SEEDS) fc.assert(law, { seed, numRuns: runs });
  fc.assert(law, { numRuns: runs });
}

/** The same for a law about what is asynchronous. */
export async function holdsLater<Values>(law: fc.IAsyncProperty<Values>, { runs = 40 }: LawOptions = {}): Promise<void> {
  for (const seed of SEEDS) await fc.assert(law, { seed, numRuns: runs });
  await fc.assert(law, { numRuns: runs });
}
