import { expect, it } from 'vitest';
import { readConfig } from './config.js';

it('reads the settings of the API', () => {
  const read = readConfig({
    DATABASE_URL: 'postgresql://u:p@db/x',
    GLEANER_DATA: '/data',
    GLEANER_PORT: '0',
    GLEANER_ADMIN_KEY: 'glk_x',
    TEMPORAL_ADDRESS: 'temporal:7233',
  });
  expect(read).toMatchObject({
    ok: true,
    config: {
      host: '127.0.0.1',
      port: 0,
      dataFolder: '/data',
      temporal: { address: 'temporal:7233', namespace: 'default' },
      secrets: { adminKey: 'glk_x' },
    },
  });
});

it('names every problem at once, and no secret', () => {
  const read = readConfig({ GLEANER_PORT: 'x', GLEANER_PRT: '1', DATABASE_URL: 'mysql://root:hunter2@db' });
  expect(read).toMatchObject({
    ok: false,
    problems: [
      expect.stringMatching(/^GLEANER_PORT: /),
      expect.stringMatching(/^DATABASE_URL: /),
      expect.stringMatching(/^GLEANER_PRT: .*GLEANER_PORT/),
    ],
  });
  expect(JSON.stringify(read)).not.toContain('hunter2');
  expect(readConfig({})).toMatchObject({ ok: false, problems: [expect.stringMatching(/^DATABASE_URL: is not set/)] });
});
