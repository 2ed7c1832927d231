import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { BUNDLE_PATH } from '../support/stage-workers.js';

/** Of code alone: the inline source map behind it costs no memory. */
const MAX_CODE_BYTES = 1_000_000;
const FORBIDDEN = ['@nestjs', 'typeorm', 'zod', 'undici', 'htmlparser2', 'playwright', 'pino', '@gleaner/activities', '@gleaner/storage'];

describe('the workflow bundle', () => {
  it('stays small', async () => {
    const bundle = await readFile(BUNDLE_PATH, 'utf8');
    const code = bundle.slice(0, bundle.lastIndexOf('//# sourceMappingURL='));
    expect(code.length).toBeGreaterThan(100_000);
    expect(code.length).toBeLessThan(MAX_CODE_BYTES);
  });

  it('holds nothing that has no place in a sandbox', async () => {
    const code = await readFile(BUNDLE_PATH, 'utf8');
    const modules = [...code.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)/g)].map((match) => match[1] ?? '');
    expect(modules.length).toBeGreaterThan(0);
    for (const name of FORBIDDEN) expect(code.includes(`/${name}/`), name).toBe(false);
  });
});

describe('protobufjs', () => {
  /** Two copies make `instanceof` checks fail: JSON histories no longer replay. */
  it('is one copy, version 8 or newer, for all of @temporalio', () => {
    const root = createRequire(import.meta.url);
    const seen = ['@temporalio/proto', '@temporalio/common', '@temporalio/worker'].map((name) =>
      createRequire(root.resolve(name)).resolve('protobufjs/package.json'),
    );
    expect(new Set(seen).size).toBe(1);
    expect(Number.parseInt(root(seen[0] ?? '').version, 10)).toBeGreaterThanOrEqual(8);
  });
});
