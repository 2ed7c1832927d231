import type { Backend } from './backend.js';
import type { Logger } from './logger.js';
import type { Turns } from './turns.js';

export interface UpkeepOptions {
  readonly backend: Backend;
  readonly turns: Turns;
  readonly logger: Logger;
  /** The backend is lost: end the process. */
  readonly onBroken: (error: unknown) => void;
}

const INTERVAL_MS = 60_000;

/** 64 MB of log that a crash would have to replay. */
const CHECKPOINT_DUE = `
  select 'checkpoint' from pg_control_checkpoint()
  where pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > 64 * 1024 * 1024`;

/** The thresholds are those of autovacuum with 1,000 rows at the least. One table a round: everybody waits meanwhile. */
const VACUUM_DUE = `
  select format(case when n_dead_tup > 1000 + 0.2 * n_live_tup then 'vacuum (analyze) %I.%I' else 'analyze %I.%I' end, schemaname, relname)
  from pg_stat_user_tables
  where n_dead_tup > 1000 + 0.2 * n_live_tup or n_mod_since_analyze > 1000 + 0.1 * n_live_tup
  order by n_dead_tup + n_mod_since_analyze desc limit 1`;

/**
 * The work of PostgreSQL's background processes, which a single-process PostgreSQL does not have: without it the log grows
 * for as long as the process lives, dead rows stay and the planner knows no table sizes.
 */
export class Upkeep {
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly options: UpkeepOptions) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#round = this.runOnce();
    }, INTERVAL_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new Error('Upkeep has stopped'));
    await this.#round;
  }

  /** One round: what is due and nothing else. Waits for its turn like a client. */
  async runOnce(): Promise<void> {
    for (const due of [CHECKPOINT_DUE, VACUUM_DUE]) await this.#runDue(due);
  }

  async #runDue(due: string): Promise<void> {
    const { backend, turns, logger, onBroken } = this.options;
    try {
      const release = await turns.take(this.#stopping.signal);
      try {
        const command = await backend.readValue(due);
        if (command === null) return;
        const startedAt = performance.now();
        await backend.execute(command);
        logger.info({ command, tookMs: Math.round(performance.now() - startedAt) }, 'upkeep');
      } finally {
        release();
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) onBroken(error);
    }
  }
}
