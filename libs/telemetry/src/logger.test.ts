import { afterEach, describe, expect, it } from 'vitest';
import { type LoggerOptions, createLogger } from './logger.js';
import { installTraceBridge } from './trace-bridge.js';

function writtenBy(write: (log: ReturnType<typeof createLogger>) => void, options: Partial<LoggerOptions> = {}): readonly string[] {
  const lines: string[] = [];
  write(createLogger({ name: 'probe', level: 'info', ...options, destination: { write: (line) => void lines.push(line) } }));
  return lines;
}

describe('createLogger', () => {
  it('writes one JSON object a line and keeps secret fields out', () => {
    const lines = writtenBy((log) => {
      log.info({ authorization: 'Bearer glk_secret', nested: { password: 'hunter2' }, jobId: 'job_1' }, 'hello');
      log.debug('not written');
    });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ name: 'probe', level: 'info', msg: 'hello', jobId: 'job_1', authorization: '[secret]' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(lines.join('')).not.toMatch(/hunter2|glk_secret/);
  });

  it('knows secrets by their shape in messages, errors and deep fields', () => {
    const cause = new Error('connect postgresql://gleaner:hunter2@db:5432/x failed for glk_abcdefgh12');
    const lines = writtenBy((log) => {
      log.warn({ err: new Error('outer', { cause }), a: { b: { c: 'Bearer abcdefgh12' } } }, 'http://a.test/?token=abcdefgh12 gave 401');
    });
    expect(lines.join('')).not.toMatch(/hunter2|abcdefgh12/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'http://a.test/?token=[secret] gave 401' });
  });

  it('says in every line which work it belongs to, and what the line says itself counts more', () => {
    const fields = (): Readonly<Record<string, unknown>> => ({ jobId: 'job_1', stage: 'fetch' });
    const lines = writtenBy((log) => log.info({ stage: 'store' }, 'done'), { fields });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ jobId: 'job_1', stage: 'store' });
  });
});

describe('in a trace', () => {
  const NONE = { ids: () => undefined, annotate: () => undefined, untraced: <T>(work: () => T) => work() };
  afterEach(() => installTraceBridge(NONE));

  it('carries its ids', () => {
    installTraceBridge({ ...NONE, ids: () => ({ traceId: 't1', spanId: 's1' }) });
    expect(JSON.parse(writtenBy((log) => log.info('hello'))[0] ?? '')).toMatchObject({ traceId: 't1', spanId: 's1' });
  });
});
