import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

describe('createLogger', () => {
  it('writes one JSON object a line and keeps secrets out', () => {
    const script = `
      const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)});
      const log = createLogger({ name: 'probe', level: 'info' });
      log.info({ authorization: 'Bearer glk_secret', nested: { password: 'hunter2' }, jobId: 'job_1' }, 'hello');
      log.debug('not written');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ name: 'probe', level: 'info', msg: 'hello', jobId: 'job_1', authorization: '[secret]' });
    expect(output).not.toMatch(/hunter2|glk_secret/);
  });
});
