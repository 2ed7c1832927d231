/** What an admin sees and decides: keys, users, what they used, the system. Needs a key with the scope `admin`. */
import type { CallOptions } from './call.js';

export type Scope = 'read' | 'jobs' | 'admin';

/** An API key, without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  /** The secret before the last rotation is valid until then. */
  readonly previousValidUntil: string | null;
  /** The first admin key: it is changed in the environment only. */
  readonly isFromEnvironment: boolean;
}

/** The only time a secret is seen. */
export interface IssuedKey extends ApiKey {
  readonly secret: string;
}

export interface KeyDraft {
  readonly name: string;
  /** Default: read and jobs. */
  readonly scopes?: readonly Scope[];
  /** Default: the owner of the key that asks. */
  readonly ownerId?: string;
  /** ISO time in the future; default: never. */
  readonly expiresAt?: string;
}

export interface Keys {
  /** Newest first, of all owners or of one. */
  list(filter?: { readonly owner?: string }, options?: CallOptions): AsyncIterable<ApiKey>;
  get(id: string, options?: CallOptions): Promise<ApiKey>;
  create(draft: KeyDraft, options?: CallOptions): Promise<IssuedKey>;
  /** A new secret; the old one is valid for `graceSeconds` more, an hour by default. */
  rotate(id: string, options?: CallOptions & { readonly graceSeconds?: number }): Promise<IssuedKey>;
  /** Ends both secrets. */
  revoke(id: string, options?: CallOptions): Promise<ApiKey>;
}

/** 0: no limit; null: the default of the installation. */
export interface OwnerLimits {
  /** Requests in any 60 seconds, by each key. */
  readonly requestsPerMinute: number | null;
  /** Jobs that are not final. */
  readonly runningJobs: number | null;
  /** Pages that the jobs of a day (UTC) ask for. */
  readonly pagesPerDay: number | null;
}

/** An owner of jobs, documents and keys. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly limits: OwnerLimits;
  readonly limitsInForce: { readonly requestsPerMinute: number; readonly runningJobs: number; readonly pagesPerDay: number };
}

export interface UserDraft {
  readonly name: string;
  readonly limits?: Partial<OwnerLimits>;
}

export interface UserChange {
  readonly name?: string;
  readonly limits?: Partial<OwnerLimits>;
}

export interface Users {
  /** Newest first. */
  list(options?: CallOptions): AsyncIterable<User>;
  get(id: string, options?: CallOptions): Promise<User>;
  create(draft: UserDraft, options?: CallOptions): Promise<User>;
  /** What is not named stays. */
  change(id: string, change: UserChange, options?: CallOptions): Promise<User>;
  /** What each used, newest user first. */
  usage(options?: CallOptions): AsyncIterable<Usage>;
  usageOf(id: string, options?: CallOptions): Promise<Usage>;
}

/** Days begin at midnight UTC. */
export interface Usage {
  readonly ownerId: string;
  readonly name: string;
  readonly limits: OwnerLimits;
  readonly jobs: { readonly total: number; readonly today: number; readonly running: number };
  readonly pagesToday: number;
  readonly modelsToday: { readonly calls: number; readonly callsAvoided: number; readonly tokens: number; readonly costUsd: number };
}

/** A task queue with those who serve it; what Temporal does not say is null. */
export interface Pool {
  readonly queue: 'workflows' | 'fetch' | 'browser' | 'learn' | 'extract' | 'embed' | 'store' | 'analyze';
  readonly pollers: readonly { readonly identity: string; readonly lastAccessAt: string | null }[] | null;
  readonly slots: { readonly used: number; readonly available: number } | null;
  readonly backlog: number | null;
  readonly backlogAgeSeconds: number | null;
  readonly tasksAddedPerSecond: number | null;
  readonly tasksDispatchedPerSecond: number | null;
}

/** What runs there. */
export interface System {
  readonly versions: {
    readonly gleaner: string;
    readonly node: string;
    readonly temporal: string | null;
    readonly postgresql: string | null;
    readonly pgvector: string | null;
  };
  readonly pools: readonly Pool[];
  /** By role, in the order in which they are asked; `configured` false: its key or address is not set. */
  readonly models: readonly {
    readonly role: 'extract' | 'learn' | 'answer' | 'embed';
    readonly provider: 'gemini' | 'openai' | 'anthropic' | 'groq' | 'nvidia' | 'ollama';
    readonly model: string;
    readonly configured: boolean;
  }[];
  readonly limits: {
    readonly owners: { readonly requestsPerMinute: number; readonly runningJobs: number; readonly pagesPerDay: number };
    readonly pages: {
      readonly maxBytes: number;
      readonly maxRedirects: number;
      readonly fetchTimeoutMs: number;
      readonly renderTimeoutMs: number;
    };
  };
}
