import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { isNotConnected, isRace, translateDatabaseError } from './database-errors.js';

const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1_000;

/**
 * Runs `work` in a transaction and again when it lost a race (40001, 40P01). `work` uses nothing but the manager it gets and
 * waits for nothing but the database: on PGlite a transaction holds up every other client, and a second connection deadlocks.
 * Throws Faults only.
 */
export async function inTransaction<T>(database: Database, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return withRetries(() => database.dataSource.transaction(work));
}

/** Runs statements that need no transaction. Throws Faults only. */
export async function withManager<T>(database: Database, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  return withRetries(() => work(database.dataSource.manager));
}

async function withRetries<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !(isRace(error) || isNotConnected(error))) throw translateDatabaseError(error);
    }
    // Half fixed, half random: those who raced do not meet again.
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
    await delay(pauseMs / 2 + Math.random() * (pauseMs / 2));
  }
}
