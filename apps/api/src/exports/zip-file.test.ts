import { expect, it } from 'vitest';
import { zipEntries } from '../test-support/zip-entries.js';
import { type ZipEntry, zipFile } from './zip-file.js';

const modifiedAt = new Date('2026-11-21T10:20:30.000Z');

async function archiveOf(entries: readonly Omit<ZipEntry, 'modifiedAt'>[]): Promise<Buffer> {
  const all = (async function* () {
    for (const entry of entries) yield { modifiedAt, ...entry };
  })();
  const parts: Buffer[] = [];
  for await (const part of zipFile(all)) parts.push(part);
  return Buffer.concat(parts);
}

it('holds files with their names, times and contents', async () => {
  const large = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${'é'.repeat(20)}\n`);
  const archive = await archiveOf([
    { path: 'a/größe 漢字.md', content: ['one ', 'two'] },
    { path: 'empty.md', content: [] },
    { path: 'large.md', content: large },
  ]);
  const entries = zipEntries(archive);
  expect(entries.map(({ path, text }) => [path, text])).toEqual([
    ['a/größe 漢字.md', 'one two'],
    ['empty.md', ''],
    ['large.md', large.join('')],
  ]);
  expect(entries[0]).toMatchObject({ date: '2026-11-21T10:20:30' });
  expect(archive.length).toBeLessThan(large.join('').length / 4);
  expect(() => zipEntries(archive.subarray(0, -20))).toThrow('cut');
});

it('has the 64-bit records when there are more files than 16 bits count', async () => {
  const entries = zipEntries(await archiveOf(Array.from({ length: 65_536 }, (_, index) => ({ path: `${index}`, content: [] }))));
  expect([entries.length, entries.at(-1)?.path]).toEqual([65_536, '65535']);
}, 120_000);

it('passes the fault of a source on, and stops its source when the reader goes', async () => {
  const broken = (function* () {
    yield 'half';
    throw new Error('the database is gone');
  })();
  await expect(archiveOf([{ path: 'a', content: broken }])).rejects.toThrow('the database is gone');
  let closed = 0;
  const endless = (async function* () {
    try {
      for (let index = 0; ; index++) yield { path: `${index}.md`, modifiedAt, content: ['x'.repeat(100_000)] };
    } finally {
      closed++;
    }
  })();
  for await (const part of zipFile(endless)) if (part.length > 0) break;
  expect(closed).toBe(1);
});
