import { defineConfig } from 'vitest/config';

/** Tests run on sources. No more conditions than this one: with `import` among them Node gives CommonJS packages the wrong half of others. */
const conditions = ['@gleaner/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['{apps,libs}/*/src/**/*.test.ts', 'tools/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'system', include: ['test/**/*.test.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 240_000 },
      },
    ],
  },
});
