/** Owners of jobs and documents, their keys, their limits, and what they used. */
import type { LimitOverrides } from './limits.js';
import type { Page, PageRequest } from './readers.js';

export const SCOPES = ['read', 'jobs', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKeyRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** A key that was presented and is valid, with the limits of its owner. */
export interface AuthenticatedKey extends ApiKeyRecord {
  /** Absent: nothing was set for the owner. */
  readonly limits?: LimitOverrides;
}

/** A key as its list shows it. */
export interface ApiKeyDetails extends ApiKeyRecord {
  readonly revokedAt: string | null;
  /** The secret before the last rotation is valid until then; null when there is none that is. */
  readonly previousValidUntil: string | null;
  /** The first admin key: it comes from the environment and is changed there only. */
  readonly isFromEnvironment: boolean;
}

/** The only time a secret is seen. */
export interface IssuedKey {
  readonly key: ApiKeyDetails;
  readonly secret: string;
}

export interface ApiKeys {
  /**
   * The record of a valid key, or null. Keys are random and long, so they are stored as SHA-256 and compared in constant time.
   * A secret from before a rotation has the end of its grace period as `expiresAt`.
   */
  authenticate(key: string): Promise<AuthenticatedKey | null>;
  /** Makes this key the admin key: idempotent, called at every start. */
  ensureAdmin(key: string): Promise<void>;
}

export interface KeyDraft {
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string | null;
}

/** What an admin does with keys. Every method but `list` and `create` throws Fault NOT_FOUND for an unknown id. */
export interface KeyRegister {
  /** Newest first, of all owners or of one. */
  list(filter: { readonly ownerId?: string }, page: PageRequest): Promise<Page<ApiKeyDetails>>;
  get(keyId: string): Promise<ApiKeyDetails>;
  /** Throws Fault INVALID_INPUT for an unknown owner, CONFLICT when the owner has as many keys as one may have. */
  create(draft: KeyDraft): Promise<IssuedKey>;
  /** A new secret; the old one is valid for `graceSeconds` more. Throws Fault CONFLICT for a key that is not valid any more or from the environment. */
  rotate(keyId: string, graceSeconds: number): Promise<IssuedKey>;
  /** Ends both secrets at once; again changes nothing. Throws Fault CONFLICT for the key of the environment. */
  revoke(keyId: string): Promise<ApiKeyDetails>;
}

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly limits: LimitOverrides;
}

export interface UserRegister {
  /** Newest first. */
  list(page: PageRequest): Promise<Page<UserRecord>>;
  /** Throws Fault NOT_FOUND. */
  get(userId: string): Promise<UserRecord>;
  /** Throws Fault CONFLICT when there are as many users as there may be. */
  create(draft: Pick<UserRecord, 'name' | 'limits'>): Promise<UserRecord>;
  /** Changes what is named and leaves the rest. Throws Fault NOT_FOUND. */
  change(userId: string, change: { readonly name?: string; readonly limits?: Partial<LimitOverrides> }): Promise<UserRecord>;
}

/** What an owner used. Days begin at midnight UTC. */
export interface OwnerUsage {
  readonly ownerId: string;
  readonly name: string;
  readonly limits: LimitOverrides;
  readonly jobs: { readonly total: number; readonly today: number; readonly running: number };
  readonly pagesToday: number;
  readonly modelsToday: { readonly calls: number; readonly callsAvoided: number; readonly tokens: number; readonly costUsd: number };
}

export interface UsageReader {
  /** Newest owner first. */
  list(page: PageRequest): Promise<Page<OwnerUsage>>;
  /** Throws Fault NOT_FOUND. */
  get(ownerId: string): Promise<OwnerUsage>;
}

export interface PermitRequest {
  readonly keyId: string;
  /** Most permits in any 60 seconds. */
  readonly limit: number;
  /** How many are wanted; fewer may be given. */
  readonly wanted: number;
}

export interface PermitGrant {
  readonly granted: number;
  /** When the next one can be had; 0 when some were granted. */
  readonly retryAfterMs: number;
}

/** The rate of requests over all processes: each takes a few permits at a time and spends them by itself. */
export interface RequestPermits {
  /** One atomic statement. */
  lease(request: PermitRequest): Promise<PermitGrant>;
}

export interface OwnerRetention {
  /** Deletes, a bounded number at a time, keys that ended long ago and rates that nobody asked for lately. Returns how many rows. */
  sweep(): Promise<number>;
}
