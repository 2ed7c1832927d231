import { Fault } from '@gleaner/domain';
import type { Platform } from '../platform/platform.module.js';

const missing = async (id: string): Promise<never> => {
  throw new Fault('NOT_FOUND', { detail: `There is nothing ${id}.` });
};
const none = async () => ({ items: [], next: null });

type Owners = Pick<Platform, 'keyRegister' | 'userRegister' | 'usageReader' | 'requestPermits' | 'ownerRetention' | 'databaseVersions'>;

/** No users, no keys, and permits for everyone: for tests of other things. */
export const NO_OWNERS: Owners = {
  keyRegister: { list: none, get: missing, create: ({ ownerId }) => missing(ownerId), rotate: missing, revoke: missing },
  userRegister: { list: none, get: missing, create: ({ name }) => missing(name), change: missing },
  usageReader: { list: none, get: missing },
  requestPermits: { lease: async ({ wanted }) => ({ granted: wanted, retryAfterMs: 0 }) },
  ownerRetention: { sweep: async () => 0 },
  databaseVersions: async () => ({ server: '16.4', vector: '0.8.0' }),
};
