import { createHash } from 'node:crypto';
import type { ApiKeyRecord, ApiKeys } from '@gleaner/domain';

const VALID_MS = 10_000;
const INVALID_MS = 2_000;
const MAX_ENTRIES = 1_000;
/** Longer than any key we make. */
const MAX_KEY_LENGTH = 256;

interface Entry {
  readonly record: ApiKeyRecord | null;
  readonly until: number;
}

/** Answers of the key table for some seconds, so that a busy client costs no query a request. A revoked key is refused after 10 s at the latest. */
export class KeyCache {
  /** By SHA-256 of the key, so that no key is kept; a Map remembers insertion order, so the first entry is the oldest. */
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly keys: Pick<ApiKeys, 'authenticate'>,
    private readonly now: () => number = Date.now,
  ) {}

  async authenticate(key: string): Promise<ApiKeyRecord | null> {
    if (key.length > MAX_KEY_LENGTH) return null;
    const id = createHash('sha256').update(key).digest('base64');
    const known = this.entries.get(id);
    if (known && known.until > this.now()) return this.unexpired(known.record);
    const record = await this.keys.authenticate(key);
    this.entries.delete(id);
    this.entries.set(id, { record, until: this.now() + (record ? VALID_MS : INVALID_MS) });
    const oldest = this.entries.size > MAX_ENTRIES ? this.entries.keys().next().value : undefined;
    if (oldest !== undefined) this.entries.delete(oldest);
    return this.unexpired(record);
  }

  private unexpired(record: ApiKeyRecord | null): ApiKeyRecord | null {
    return record?.expiresAt && Date.parse(record.expiresAt) <= this.now() ? null : record;
  }
}
