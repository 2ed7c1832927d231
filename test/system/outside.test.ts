/** DATABASE_URL and TEMPORAL_ADDRESS replace the embedded parts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../../tools/test-postgres.mjs';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner } from '../support/gleaner.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const postgres = await startTestPostgres();
const absence = 'unavailable' in postgres ? `: there is no PostgreSQL here (${postgres.unavailable})` : '';

describe.skipIf('unavailable' in postgres)(`on a PostgreSQL and a Temporal server of one's own${absence}`, () => {
  let site: FixtureSite;
  let temporal: TestTemporal;
  let gleaner: Gleaner;
  beforeAll(async () => {
    [site, temporal] = await Promise.all([startFixtureSite(), startTemporal()]);
    const environment = { DATABASE_URL: 'url' in postgres ? postgres.url : '', TEMPORAL_ADDRESS: temporal.address };
    gleaner = await startGleaner({ allow: [site.address], environment });
  });
  afterAll(async () => {
    await gleaner[Symbol.asyncDispose]();
    await Promise.all([site[Symbol.asyncDispose](), temporal[Symbol.asyncDispose]()]);
    if ('stop' in postgres) await postgres.stop();
  });

  it('runs no embedded part', async () => {
    expect(Object.keys(await gleaner.pids()).toSorted()).toEqual(['api', 'worker-browser', 'worker-cpu', 'worker-io']);
    expect(existsSync(join(gleaner.folder, 'database'))).toBe(false);
  });

  it('does the same work', async () => {
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-5` } }, { waitSeconds: 60 });
    expect(job.state).toBe('completed');
    expect(await gleaner.client.markdown(job.id)).toContain(markOf(5));
  });
});
