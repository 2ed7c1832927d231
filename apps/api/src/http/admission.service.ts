import { type AuthenticatedKey, Fault, type Scope } from '@gleaner/domain';
import { Injectable } from '@nestjs/common';
import { RequestRate } from '../limits/request-rate.service.js';
import { KeyCache } from './key-cache.js';

/** Who may come in: whoever has a valid key with the scope, as often as the key's rate allows. `admin` has every scope. */
@Injectable()
export class Admission {
  constructor(
    private readonly keys: KeyCache,
    private readonly rate: RequestRate,
  ) {}

  /** Once for each request. Throws Fault UNAUTHENTICATED, FORBIDDEN or RATE_LIMITED. */
  async admit(key: string, scope: Scope): Promise<AuthenticatedKey> {
    const record = await this.keys.authenticate(key);
    if (record === null) throw new Fault('UNAUTHENTICATED', { detail: 'The API key is not valid.' });
    if (!record.scopes.includes(scope) && !record.scopes.includes('admin'))
      throw new Fault('FORBIDDEN', { detail: `This needs a key with the scope "${scope}".` });
    await this.rate.admit(record);
    return record;
  }
}
