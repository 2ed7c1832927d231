import { createHash } from 'node:crypto';
import type { ApiKeys, AuthenticatedKey } from '@gleaner/domain';

const VALID_MS = 10_000;
const INVALID_MS = 2_000;
const MAX_ENTRIES = 1_000;
/** Longer than any key we make. */
const MAX_KEY_LENGTH = 256;

interface Entry {
  readonly record: AuthenticatedKey | null;
  readonly until: number;
}

/** Answers of the key table for some seconds, so that a busy client costs no query a request. A revoked key is refused after 10 s at the latest. */
export class KeyCache {
  /** By SHA-256 of the key, so that no key is kept; a Map remembers insertion order, so the first entry is the oldest. */
  private readonly entries = new Map<string, Entry>();
  /** Grows with every key that is forgotten: what was looked up before is not remembered after. */
  private generation = 0;

  constructor(
    private readonly keys: Pick<ApiKeys, 'authenticate'>,
    private readonly now: () => number = Date.now,
  ) {}

  async authenticate(key: string): Promise<AuthenticatedKey | null> {
    if (key.length > MAX_KEY_LENGTH) return null;
    const id = createHash('sha256').update(key).digest('base64');
    const known = this.entries.get(id);
    if (known && known.until > this.now()) return this.unexpired(known.record);
    const { generation } = this;
    const record = await this.keys.authenticate(key);
    if (generation !== this.generation) return this.unexpired(record);
    this.entries.delete(id);
    this.entries.set(id, { record, until: this.now() + (record ? VALID_MS : INVALID_MS) });
    const oldest = this.entries.size > MAX_ENTRIES ? this.entries.keys().next().value : undefined;
    if (oldest !== undefined) this.entries.delete(oldest);
    return this.unexpired(record);
  }

  /** What is known of this key is looked up again: it was changed here. */
  forget(keyId: string): void {
    this.generation++;
    for (const [id, { record }] of this.entries) if (record?.id === keyId) this.entries.delete(id);
  }

  private unexpired(record: AuthenticatedKey | null): AuthenticatedKey | null {
    return record?.expiresAt && Date.parse(record.expiresAt) <= this.now() ? null : record;
  }
}
