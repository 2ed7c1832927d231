import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAsked } from './asked-flags.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-asked-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function file(content: unknown): Promise<string> {
  const path = join(folder, 'asked.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('--fields', () => {
  it('reads names and types, given once or several times', async () => {
    expect(await readAsked({ fields: ['price:number, released:date', 'in stock:boolean', 'größe'] })).toEqual({
      fields: { price: { type: 'number' }, released: { type: 'date' }, 'in stock': { type: 'boolean' }, größe: {} },
    });
    expect(await readAsked({})).toEqual({});
  });

  it.each([
    ['price:nmber', '--fields price: "nmber" is none of string, number'],
    ['price:number:x', '--fields price: "number:x" is none of'],
    ['price,,warranty', 'a name is missing'],
    ['', 'a name is missing'],
    ['price,price:date', '--fields price: is named twice'],
    ['a.b', '--fields: a.b "a.b" is no name of a field'],
    [Array.from({ length: 51 }, (_, n) => `f${n}`).join(','), '--fields: more than 50 fields'],
  ])('refuses %j and names the field', async (fields, message) => {
    await expect(readAsked({ fields: [fields] })).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(message) });
  });
});

describe('--schema', () => {
  it('takes a JSON Schema as one, and anything else as named fields', async () => {
    const schema = { type: 'object', required: ['price'], properties: { price: { type: 'number' } } };
    expect(await readAsked({ schema: await file(schema) })).toEqual({ schema });
    const fields = { price: { type: 'number', description: 'With tax' } };
    expect(await readAsked({ schema: await file(fields) })).toEqual({ fields });
  });

  it.each([
    ['{"price":', 'is not JSON'],
    [[], 'must be a JSON Schema of an object, or named fields'],
    [
      { properties: { offer: { type: 'object', properties: { price: { type: 'nmber' } } } } },
      'properties.offer.properties.price.type "nmber" is none of',
    ],
    [{ price: { type: 'nmber' } }, 'price.type "nmber" is none of'],
  ])('refuses %j and says where it is wrong', async (content, message) => {
    const schema = await file(content);
    await expect(readAsked({ schema })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(`--schema ${schema}: ${message}`),
    });
  });

  it('says what is wrong with the file, and that one of both flags is enough', async () => {
    await expect(readAsked({ schema: join(folder, 'none.json') })).rejects.toThrow(/none\.json: cannot be read \(ENOENT\)/);
    await expect(readAsked({ schema: await file({}), fields: ['a'] })).rejects.toThrow('--fields cannot be given beside --schema');
  });
});
