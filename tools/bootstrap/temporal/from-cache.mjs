import { join } from 'node:path';
import { isExecutable } from '../cache.mjs';
import { TEMPORAL_VERSION } from './version.mjs';

/** Where every route that downloads or builds puts the binary. */
export function temporalFolder({ cache, platform, arch }) {
  return join(cache, `temporal-${TEMPORAL_VERSION}-${platform}-${arch}`);
}

/** What lies there was verified before it was placed. */
export async function fromCache(options) {
  const path = join(temporalFolder(options), 'temporal');
  return (await isExecutable(path)) ? path : undefined;
}
