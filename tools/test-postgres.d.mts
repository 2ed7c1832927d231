/** A database of its own on a real server; `stop` throws it away. */
export interface TestPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Why there is none here: no Python, no registry, no server for this platform. */
export interface NoPostgres {
  readonly unavailable: string;
}

export declare function startTestPostgres(): Promise<TestPostgres | NoPostgres>;
