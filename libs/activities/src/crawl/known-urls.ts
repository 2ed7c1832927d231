const MAX_JOBS = 16;
const MAX_KEYS = 300_000;
/** Of 64 hex digits; two URLs of one crawl that share 64 bits are not met in practice. */
const KEPT_DIGITS = 16;

/**
 * Pages that are certainly in the ledger of a crawl. Most links of a page have been seen before; those never reach the database.
 * The ledger never forgets a page, so what is remembered here stays true; what is not remembered is asked there.
 */
export class KnownUrls {
  private readonly jobs = new Map<string, Set<string>>();

  unknown<T extends { readonly key: string }>(jobId: string, pages: Iterable<T>): T[] {
    const known = this.jobs.get(jobId);
    const found = new Map<string, T>();
    for (const page of pages) if (known?.has(page.key.slice(0, KEPT_DIGITS)) !== true) found.set(page.key, page);
    return [...found.values()];
  }

  /** Call it after the ledger has them. */
  remember(jobId: string, keys: Iterable<string>): void {
    const known = this.jobs.get(jobId) ?? new Set();
    // The job that was used last stands last.
    this.jobs.delete(jobId);
    this.jobs.set(jobId, known);
    for (const key of keys) if (known.size < MAX_KEYS) known.add(key.slice(0, KEPT_DIGITS));
    for (const oldest of this.jobs.keys()) {
      if (this.jobs.size <= MAX_JOBS) break;
      this.jobs.delete(oldest);
    }
  }
}
