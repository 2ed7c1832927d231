import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobsFromUrl, blockingBlobsFromUrl } from './blob-location.js';
import { build, pathOf } from './build.contract.js';
import { createFileBlobs } from './file-blobs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-blobs-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hello = new TextEncoder().encode('hello '.repeat(1_000));
const fileOf = (hash: string): string => {
  const hex = hash.slice('sha256:'.length);
  return join(folder, hex.slice(0, 2), hex.slice(2, 4), `${hex}.zst`);
};
const files = async (): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);

describe('file blobs', () => {
  it('gives back the bytes by the hash of the uncompressed bytes, compressed on disk', async () => {
    const blobs = createFileBlobs(folder);
    const empty = await blobs.put(new Uint8Array());
    expect(empty).toEqual({ hash: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', bytes: 0 });
    expect(await blobs.get(empty.hash)).toEqual(new Uint8Array());
    const ref = await blobs.put(hello);
    expect(ref.bytes).toBe(6_000);
    expect(text(await blobs.get(ref.hash))).toBe(text(hello));
    expect((await stat(fileOf(ref.hash))).size).toBeLessThan(200);
    expect(await blobs.has(ref.hash)).toBe(true);
    expect(await blobs.has(`sha256:${'0'.repeat(64)}`)).toBe(false);
  });

  it('keeps one file of the same bytes from many writers at once, and nothing beside it', async () => {
    const stores = Array.from({ length: 4 }, () => createFileBlobs(folder));
    const bytes = randomBytes(300_000);
    const refs = await Promise.all(Array.from({ length: 32 }, (_, index) => stores[index % 4]!.put(bytes)));
    expect(new Set(refs.map(({ hash }) => hash)).size).toBe(1);
    expect(await files()).toHaveLength(1);
    expect(bytes.equals(await stores[0]!.get(refs[0]!.hash))).toBe(true);
  });

  it('is the same store for threads that block on it', async () => {
    const url = pathToFileURL(folder).href;
    const [pooled, blocking] = [blobsFromUrl(url, '/nowhere'), blockingBlobsFromUrl(url, '/nowhere')];
    const [one, other] = [await pooled.put(hello), await blocking.put(randomBytes(50_000))];
    expect(text(await blocking.get(one.hash))).toBe(text(hello));
    expect((await pooled.get(other.hash)).byteLength).toBe(50_000);
    expect(await blocking.put(hello)).toEqual(one);
    expect(await files()).toHaveLength(2);
    await writeFile(fileOf(other.hash), 'damaged');
    await expect(blocking.get(other.hash)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    expect(await blocking.has(other.hash)).toBe(false);
    await blocking.check();
  });

  it('says what is missing', async () => {
    await expect(createFileBlobs(folder).get(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'BLOB_MISSING', retryable: false });
    await expect(createFileBlobs(join(folder, 'absent')).get(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  it.each([
    '',
    '../../etc/passwd',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha256:../${'a'.repeat(61)}`,
    `sha256:${'a'.repeat(64)}/x`,
    `sha256:${'a'.repeat(64)}\n`,
  ])('opens no path for %j', async (hash) => {
    await expect(createFileBlobs(folder).get(hash)).rejects.toMatchObject({
      code: 'BLOB_MISSING',
      message: expect.stringContaining('not a hash'),
    });
    expect(await createFileBlobs(folder).has(hash)).toBe(false);
  });

  it.each([
    ['cut', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 10))],
    ['emptied', async (path: string) => writeFile(path, '')],
    [
      'another body',
      async (path: string) => writeFile(path, await readFile(fileOf((await createFileBlobs(folder).put(randomBytes(10))).hash))),
    ],
  ])('finds a damaged body (%s), and writes it anew at the next put', async (_, damage) => {
    const blobs = createFileBlobs(folder);
    const { hash } = await blobs.put(hello);
    await damage(fileOf(hash));
    await expect(blobs.get(hash)).rejects.toMatchObject({ code: 'BLOB_MISSING', message: expect.stringContaining('damaged') });
    await blobs.put(hello);
    expect(text(await blobs.get(hash))).toBe(text(hello));
  });

  it('clears old leftovers of killed writers and leaves those of living ones', async () => {
    const incoming = join(folder, 'incoming');
    await mkdir(incoming);
    for (const name of ['old.part', 'new.part']) await writeFile(join(incoming, name), 'x');
    const twoHoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(incoming, 'old.part'), twoHoursAgo, twoHoursAgo);
    await createFileBlobs(folder).put(hello);
    expect(await readdir(incoming)).toEqual(['new.part']);
  });

  it('checks by writing, reading and removing', async () => {
    const blobs = createFileBlobs(join(folder, 'deep', 'new'));
    await blobs.check();
    expect(await files()).toEqual([]);
    await writeFile(join(folder, 'file'), '');
    await expect(createFileBlobs(join(folder, 'file')).check()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await expect(createFileBlobs(join(folder, 'file')).put(hello)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('shows no torn body when its writer is killed', async () => {
    build('libs/storage');
    const program = `
      import { createFileBlobs } from ${JSON.stringify(pathToFileURL(pathOf('libs/storage/dist/file-blobs.js')).href)};
      import { randomBytes } from 'node:crypto';
      const blobs = createFileBlobs(process.argv[1]);
      for (;;) await blobs.put(randomBytes(2_000_000)).then(() => process.send('put'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    for (let count = 0; count < 5; count++) await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const names = (await files()).filter((name) => name.endsWith('.zst'));
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const name of names) expect((await createFileBlobs(folder).get(`sha256:${name.slice(0, 64)}`)).byteLength).toBe(2_000_000);
  });
});

const mounted = process.getuid?.() === 0 && spawnSync('mount', ['--version']).status === 0;

describe.skipIf(!mounted)('file blobs on a full disk (needs root and mount)', () => {
  it('says so, keeps what is there, and goes on once there is room', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]).status !== 0) skip('cannot mount here');
    try {
      const blobs = createFileBlobs(disk);
      const kept = await blobs.put(hello);
      await writeFile(join(disk, 'ballast'), randomBytes(300_000));
      await expect(blobs.put(randomBytes(400_000))).rejects.toMatchObject({ code: 'STORAGE_FULL', retryable: true });
      expect(await readdir(join(disk, 'incoming'))).toEqual([]);
      expect(text(await blobs.get(kept.hash))).toBe(text(hello));
      await rm(join(disk, 'ballast'));
      await blobs.put(randomBytes(400_000));
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

describe('blobsFromUrl', () => {
  it('uses a folder in the data folder, or the one that is named', async () => {
    await blobsFromUrl(undefined, folder).put(hello);
    await blobsFromUrl(`file:${folder}/named one`, '/nowhere').put(hello);
    await blobsFromUrl(`file://${folder}/named%20two`, '/nowhere').put(hello);
    expect((await readdir(folder)).toSorted()).toEqual(['blobs', 'named one', 'named two']);
  });

  it.each(['s3://bucket/prefix', 'file:', 'file://other.host/x', '/plain/path'])('refuses %j', (url) => {
    expect(() => blobsFromUrl(url, folder)).toThrowError(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
