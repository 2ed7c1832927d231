import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { run } from '../run.js';

const KEY = {
  id: 'key_1',
  ownerId: 'usr_1',
  name: 'import\u001b[31m',
  scopes: ['read', 'jobs'],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  previousValidUntil: null,
  isFromEnvironment: false,
};

const asked: string[] = [];
/** Just enough of the API to see what the command asks and what it makes of the answers. */
const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    const path = request.url ?? '';
    const json = (value: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.method === 'GET') return json({ items: [KEY, { ...KEY, id: 'key_0', revokedAt: KEY.createdAt, name: 'old' }], next: null });
    if (path === '/api/v1/users') return json({ id: 'usr_2', name: 'new' });
    if (path.endsWith('/revoke')) return json({ ...KEY, revokedAt: KEY.createdAt });
    return json({ ...KEY, secret: 'glk_secret', previousValidUntil: path.endsWith('/rotate') ? KEY.createdAt : null });
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

class Captured extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function gleaner(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Captured(), new Captured()];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = readConfig({ GLEANER_URL: url, GLEANER_API_KEY: 'glk_test', HOME: '/nowhere' });
  const code = await run(args, { config, version: '0.1.0', signal: new AbortController().signal, stdout, stderr });
  return { code, out: stdout.text, err: stderr.text };
}

beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));
beforeEach(() => void (asked.length = 0));

describe('gleaner keys', () => {
  it('lists keys, those of one user too, without control characters', async () => {
    const all = await gleaner('keys');
    expect(all.code).toBe(0);
    expect(all.out).toMatch(/key_1 +import.* +read jobs +valid +never +usr_1/);
    expect(all.out).toMatch(/key_0 +old +read jobs +revoked/);
    expect(all.out).not.toContain('\u001b[31m');
    const json = await gleaner('keys', 'list', '--owner', 'usr_1', '--json');
    expect(JSON.parse(json.out)).toMatchObject([KEY, { id: 'key_0' }]);
    expect(asked).toEqual([expect.stringMatching(/^GET \/api\/v1\/keys/), expect.stringMatching(/^GET \/api\/v1\/keys\?owner=usr_1/)]);
  });

  it('prints the secret alone on stdout', async () => {
    const created = await gleaner(
      'keys',
      'create',
      'import',
      '--scope',
      'read',
      '--new-owner',
      'news',
      '--expires',
      '2099-01-01T00:00:00Z',
    );
    expect([created.code, created.out]).toEqual([0, 'glk_secret\n']);
    expect(created.err).toContain('not shown again');
    expect(asked).toEqual([
      'POST /api/v1/users {"name":"news"}',
      'POST /api/v1/keys {"name":"import","scopes":["read"],"ownerId":"usr_2","expiresAt":"2099-01-01T00:00:00.000Z"}',
    ]);
    const rotated = await gleaner('keys', 'rotate', 'key_1', '--grace', '30m');
    expect([rotated.code, rotated.out]).toEqual([0, 'glk_secret\n']);
    expect(asked.at(-1)).toBe('POST /api/v1/keys/key_1/rotate {"graceSeconds":1800}');
    expect((await gleaner('keys', 'revoke', 'key_1')).out).toBe('key_1  revoked\n');
  });

  it.each([
    [['keys', 'create'], 'name'],
    [['keys', 'create', 'n', '--scope', 'root'], 'read, jobs, admin'],
    [['keys', 'create', 'n', '--expires', '2001-01-01'], '30d'],
    [['keys', 'create', 'n', '--owner', 'usr_1', '--new-owner', 'x'], 'cannot be used with'],
    [['keys', 'rotate', 'key_1', '--grace', '25h'], '24h'],
  ])('refuses %j before it asks', async (args, said) => {
    const answer = await gleaner(...args);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(said);
    expect(asked).toEqual([]);
  });
});
