import { createBackend } from './backend.js';
import type { DatabaseConfig } from './config.js';
import { Gate, socketPathIn } from './gate.js';
import { DEFAULT_LIMITS } from './limits.js';
import { lockFolder, type FolderLock } from './lock.js';
import type { Logger } from './logger.js';
import { keepLogWithinReserve } from './space-guard.js';
import { openCluster, prepareFolder, requireFreeSpace } from './store.js';
import { Turns } from './turns.js';
import { Upkeep } from './upkeep.js';

/** A database that answers. */
export interface DatabaseService {
  readonly socketPath: string;
  /** Lets the open transaction end, closes the files and frees the lock. */
  stop(): Promise<void>;
}

/**
 * Lock, files, backend, gate, in this order, so that nothing of a running database is touched by a second one.
 * `onBroken` must end the process. Throws StartRefused for what a person must mend.
 */
export async function startService(
  config: DatabaseConfig,
  logger: Logger,
  onBroken: (error: unknown) => never,
  signal: AbortSignal,
): Promise<DatabaseService> {
  const socketPath = socketPathIn(config.socketFolder);
  const folder = prepareFolder(config.dataFolder);
  requireFreeSpace(folder); // taking the lock writes, too
  const lock: FolderLock = lockFolder(folder);
  const database = await openCluster(folder, signal);
  const backend = await createBackend(database, onBroken);
  const turns = new Turns();
  const gate = new Gate({
    backend,
    turns,
    limits: DEFAULT_LIMITS,
    logger,
    beforeTurn: () => keepLogWithinReserve(backend, folder),
    onBroken,
  });
  const upkeep = new Upkeep({ backend, turns, logger, onBroken });
  await gate.listen(socketPath, config.socketFolder);
  upkeep.start();
  return {
    socketPath,
    stop: async () => {
      await upkeep.stop();
      await gate.stop();
      await backend.close();
      lock.release();
    },
  };
}
