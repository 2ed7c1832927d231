import { describe, expect, it } from 'vitest';
import { readSettings } from './read.js';
import { SETTINGS } from './table.js';

const problemsOf = (environment: Record<string, string>): readonly string[] => {
  const read = readSettings(environment);
  return read.ok ? [] : read.problems.map(({ name, problem }) => `${name} ${problem}`);
};

describe('readSettings', () => {
  it('gives every default when nothing is set', () => {
    const read = readSettings({ PATH: '/bin', OTEL_SERVICE_NAME: 'x' });
    expect(read.ok && read.settings.GLEANER_PORT).toBe(4000);
    expect(read.ok && Object.keys(read.settings).toSorted()).toEqual(Object.keys(SETTINGS).toSorted());
  });

  it('reads values, and takes an empty one as not set', () => {
    const read = readSettings({
      GLEANER_PORT: '0',
      GLEANER_ALLOW_PRIVATE: ' Localhost:80 ,[::1]:8080',
      GLEANER_LOG_LEVEL: '',
      DATABASE_URL: 'postgresql://u:p@h/d',
    });
    expect(read.ok && read.settings).toMatchObject({
      GLEANER_PORT: 0,
      GLEANER_ALLOW_PRIVATE: ['localhost:80', '[::1]:8080'],
      GLEANER_LOG_LEVEL: 'info',
      DATABASE_URL: 'postgresql://u:p@h/d',
    });
  });

  it('reports all problems together, each with an example', () => {
    const problems = problemsOf({
      GLEANER_PORT: 'many',
      GLEANER_LOG_LEVEL: 'loud',
      GLEANER_ALLOW_PRIVATE: '10.0.0.0/8',
      OPENAI_BASE_URL: 'ftp://x',
    });
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/GLEANER_PORT "many" must be a whole number from 0 to 65535; for example GLEANER_PORT=4000/);
  });

  it('refuses an unknown GLEANER_* name and says what was meant', () => {
    expect(problemsOf({ GLEANER_PROT: '4000' })).toEqual([expect.stringContaining('did you mean GLEANER_PORT')]);
    expect(problemsOf({ GLEANER_TELEPORT_TO_THE_MOON: '1' })[0]).not.toContain('did you mean');
  });

  it('never shows the value of a secret', () => {
    expect(problemsOf({ DATABASE_URL: 'mysql://root:hunter2@h/d' }).join()).not.toContain('hunter2');
  });

  it.each(['*', 'https://*.example.com', 'https://app.example.com/', 'null', 'app.example.com', 'HTTPS://app.example.com'])(
    'takes no origin but an exact one: %s',
    (origin) => {
      expect(problemsOf({ GLEANER_CORS_ORIGINS: `http://localhost:5173,${origin}` })).toEqual([
        expect.stringContaining(`"${origin}" is not an origin`),
      ]);
    },
  );

  it('has an example that is valid for every setting', () => {
    for (const [name, setting] of Object.entries(SETTINGS)) expect(problemsOf({ [name]: setting.example }), name).toEqual([]);
  });
});
