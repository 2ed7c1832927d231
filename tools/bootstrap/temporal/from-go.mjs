import { join } from 'node:path';
import { run } from '../subprocess.mjs';
import { placeTemporal } from './place.mjs';
import { TEMPORAL_VERSION } from './version.mjs';

const VERSION_VARIABLE = 'github.com/temporalio/cli/internal/temporalcli.Version';

/** A build from the pinned tool module; go.sum holds the checksum of every module. */
export async function fromGo(options) {
  const { environment, report, root, go = 'go', buildTimeoutMs = 20 * 60_000 } = options;
  if ((await run(go, ['version'], { env: environment, timeoutMs: 20_000 })).code !== 0) return undefined;
  return report.step(`building the Temporal CLI ${TEMPORAL_VERSION} with Go (about three minutes, once)`, () =>
    placeTemporal(options, async (folder) => {
      const parameters = [
        'build',
        '-trimpath',
        '-mod=readonly',
        '-ldflags',
        `-s -w -X ${VERSION_VARIABLE}=${TEMPORAL_VERSION}`,
        '-o',
        join(folder, 'temporal'),
        'github.com/temporalio/cli/cmd/temporal',
      ];
      const built = await run(go, parameters, {
        cwd: join(root, 'tools', 'temporal-cli'),
        env: { ...environment, CGO_ENABLED: '0' },
        timeoutMs: buildTimeoutMs,
      });
      return built.code === 0;
    }),
  );
}
