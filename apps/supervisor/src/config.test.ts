import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Configuration, readConfiguration } from './config.js';
import { Refusal } from './refusal.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gleaner-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (parameters: string[], environment: Record<string, string> = {}) =>
  readConfiguration(parameters, environment, folder) as Configuration;

function problemsOf(parameters: string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    read(parameters, environment);
  } catch (error) {
    if (error instanceof Refusal) return error.lines;
    throw error;
  }
  return [];
}

describe('readConfiguration', () => {
  it('has defaults', () => {
    expect(read([])).toMatchObject({
      dataFolder: join(folder, '.gleaner'),
      host: '127.0.0.1',
      port: 4000,
      temporalPort: 7233,
      once: false,
      demonstration: true,
      quiet: false,
      urls: [],
      allow: [],
    });
    expect(read([]).pools).toHaveLength(8);
    expect(readConfiguration(['--help'], { GLEANER_NONSENSE: '1' }, folder)).toBe('help');
  });

  it('lets flags win over the environment, and that over .env', () => {
    writeFileSync(join(folder, '.env'), 'GLEANER_PORT=1111\nGLEANER_HOST=127.0.0.2\nGLEANER_DATA=/from/file\n');
    expect(read([])).toMatchObject({ port: 1111, host: '127.0.0.2', dataFolder: '/from/file' });
    expect(read([], { GLEANER_PORT: '2222' })).toMatchObject({ port: 2222, host: '127.0.0.2' });
    expect(read(['--port', '0', '--data', 'here'], { GLEANER_PORT: '2222' })).toMatchObject({ port: 0, dataFolder: join(folder, 'here') });
  });

  it('reads URLs, private targets and pools', () => {
    const configuration = read(
      ['--allow', '127.0.0.1:81', 'https://a.example/x', '--allow=b.internal', '--pools', 'store,fetch', '--once'],
      { GLEANER_ALLOW_PRIVATE: '10.0.0.1' },
    );
    expect(configuration).toMatchObject({
      urls: ['https://a.example/x'],
      allow: ['10.0.0.1', '127.0.0.1:81', 'b.internal'],
      pools: ['fetch', 'store'],
      once: true,
      demonstration: false,
    });
    expect(read(['--no-demo']).demonstration).toBe(false);
    expect(read(['--crawl', 'https://a.example/'])).toMatchObject({ crawl: true, demonstration: false, urls: ['https://a.example/'] });
    expect([read([]).crawl, problemsOf(['--crawl'])]).toEqual([false, [expect.stringMatching(/^--crawl needs a URL/)]]);
  });

  it('names every problem in a line of its own', () => {
    expect(
      problemsOf(['--bogus', '--port', '70000', '--pools', 'nope', 'example.com', '--quiet=yes', '--allow', '*'], {
        GLEANER_PROT: '1',
        GLEANER_HOST_INTERVAL_MS: 'x',
      }),
    ).toEqual([
      '--bogus is not a flag: see npm start -- --help',
      '--quiet takes no value: see npm start -- --help',
      expect.stringMatching(/^GLEANER_HOST_INTERVAL_MS "x" must be a whole number/),
      expect.stringMatching(/^GLEANER_PROT is not a setting; did you mean GLEANER_PORT/),
      expect.stringMatching(/^--allow "\*" is not HOST or HOST:PORT/),
      expect.stringMatching(/^"example\.com" is not a URL/),
      expect.stringMatching(/^--port "70000" must be a whole number from 0 to 65535/),
      expect.stringMatching(/^--pools "nope" is not a pool/),
    ]);
    expect(problemsOf(['--data'])).toEqual([expect.stringMatching(/^--data needs a value/)]);
  });
});
