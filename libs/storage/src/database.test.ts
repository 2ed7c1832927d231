import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openDatabase } from './database.js';

describe('openDatabase', () => {
  it('gives up with a Fault when nothing answers in time', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    for (const url of [`postgresql://u:secret@127.0.0.1:${port}/d`, 'postgresql://u:secret@localhost/d?host=/nowhere/at/all']) {
      const opened = openDatabase({ url, applicationName: 'test', connectTimeoutMs: 200 });
      await expect(opened).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', message: expect.not.stringContaining('secret') });
    }
  });

  it('refuses a URL that it cannot read at once', async () => {
    await expect(openDatabase({ url: 'mysql://h/d', applicationName: 'test' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
