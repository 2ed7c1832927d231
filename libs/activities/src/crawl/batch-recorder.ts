import type { BatchInput, CrawlLedger, PageFetched } from '@gleaner/domain';

/** Small enough that a killed worker loses few pages, large enough that the database has little to do. */
const MAX_WAITING = 10;

/** Gathers what came of the pages of a batch, and writes it to the ledger some pages at a time, one write after the other. */
export class BatchRecorder {
  private waiting: PageFetched[] = [];
  private writing: Promise<void> = Promise.resolve();
  private counts = { fetched: 0, toRender: 0 };

  constructor(
    private readonly ledger: Pick<CrawlLedger, 'fetched'>,
    private readonly batch: BatchInput,
  ) {}

  get fetched(): number {
    return this.counts.fetched;
  }

  get toRender(): number {
    return this.counts.toRender;
  }

  /** Resolves at once while few pages wait, else when they are written. Rejects with the fault of the ledger. */
  async add(page: PageFetched): Promise<void> {
    this.waiting.push(page);
    if (page.kind === 'fetched' || page.kind === 'redirected') this.counts.fetched++;
    if (page.kind === 'to_render') this.counts.toRender++;
    if (this.waiting.length >= MAX_WAITING) await this.flush();
  }

  async flush(): Promise<void> {
    const pages = this.waiting;
    this.waiting = [];
    const before = this.writing;
    this.writing = (async () => {
      await before;
      if (pages.length > 0) await this.ledger.fetched(this.batch, pages);
    })();
    await this.writing;
  }
}
