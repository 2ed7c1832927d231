import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from '../subprocess.mjs';
import { placeTemporal } from './place.mjs';
import { TEMPORAL_VERSION } from './version.mjs';

export const DOWNLOAD_SITE = 'https://temporal.download';
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/**
 * The official archive, as `@temporalio/testing` gets it. Given up after seconds without an answer, because the site is
 * often blocked and other routes follow; once it answers, the transfer may take minutes.
 */
export async function fromDownload(options) {
  const { downloadSite = DOWNLOAD_SITE, answerTimeoutMs = 6_000, transferTimeoutMs = 180_000, platform, arch, report } = options;
  const address = `${downloadSite}/cli/archive/v${TEMPORAL_VERSION}?platform=${platform}&arch=${ARCHITECTURES[arch] ?? arch}`;
  return report.step(`getting the Temporal CLI ${TEMPORAL_VERSION} from ${new URL(downloadSite).host}`, () =>
    placeTemporal(options, async (folder) => {
      const archive = join(folder, 'archive.tar.gz');
      if (!(await download(address, archive, answerTimeoutMs, transferTimeoutMs))) return false;
      const unpacked = await run('tar', ['-xzf', archive, '-C', folder], { timeoutMs: 60_000 });
      return unpacked.code === 0;
    }),
  );
}

/** @returns {Promise<boolean>} false when the site gives no archive, whatever the reason: another route is tried */
async function download(address, path, answerTimeoutMs, transferTimeoutMs) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), answerTimeoutMs);
  try {
    const response = await fetch(address, { signal: abort.signal });
    clearTimeout(timer);
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return false;
    }
    timer = setTimeout(() => abort.abort(), transferTimeoutMs);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(path), { signal: abort.signal });
    return true;
  } catch (error) {
    // A full disk is not the site's fault and the next route would meet it too.
    if (error.code === 'ENOSPC') throw error;
    return false;
  } finally {
    clearTimeout(timer);
  }
}
