import { Entity, PrimaryColumn } from 'typeorm';

/** A key under which pages with the same or nearly the same text are found while a crawl runs. */
@Entity('crawl_fingerprints')
export class CrawlFingerprintEntity {
  @PrimaryColumn({ type: 'integer', name: 'crawl_number' })
  crawlNumber!: number;

  @PrimaryColumn({ type: 'bigint' })
  fingerprint!: string;

  @PrimaryColumn({ type: 'bigint', name: 'page_id' })
  pageId!: string;
}
