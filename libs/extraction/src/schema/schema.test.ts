import { type WantedField, readWantedFields } from '@gleaner/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../../test/support/laws.js';
import { extractGeneral } from '../content/general.js';
import { parsePage } from '../parse/parsed-page.js';
import { samplePage } from '../test-support/sample-site.js';
import { acceptAnswers, extractBySchema } from './schema-extraction.js';

function wanted(schema: unknown): readonly WantedField[] {
  const read = readWantedFields(schema);
  if (read.kind === 'invalid') throw new Error(read.detail);
  return read.fields;
}

const answer = (html: string, schema: unknown) => {
  const page = parsePage(`<html><body>${html}</body></html>`, 'https://quay.example/ware/1');
  return extractBySchema(page, extractGeneral(page), wanted(schema));
};

describe('extractBySchema', () => {
  it('serves named fields of a product without a model, typed and with evidence', () => {
    const { page, title } = samplePage('ware', 4);
    const { data, evidence, missing } = extractBySchema(
      page,
      extractGeneral(page),
      wanted({ name: {}, price: { type: 'number' }, currency: {}, height: { description: 'How tall it is' }, warranty: {} }),
    );
    expect(data).toEqual({ name: title, price: 24.5, currency: 'EUR', height: '204 mm' });
    expect(evidence['price']).toMatchObject({ source: 'jsonld', verbatim: true });
    expect(evidence['height']).toMatchObject({ source: 'text', verbatim: true });
    expect(missing).toEqual([{ path: 'warranty', required: false, reason: 'not_found' }]);
  });

  it('reads JSON Schema: nesting, formats, enums, required', () => {
    const { data, missing } = answer(
      '<h1>Lamp</h1><table><tr><th>Released</th><td>5 March 2026</td></tr><tr><th>Colour</th><td>green</td></tr><tr><th>Weight</th><td>heavy</td></tr></table><p>Home page: /lamps</p>',
      {
        type: 'object',
        required: ['weight'],
        properties: {
          facts: {
            type: 'object',
            properties: {
              released: { type: 'string', format: 'date' },
              colour: { enum: ['Red', 'Green'] },
              homePage: { type: 'string', format: 'uri' },
            },
          },
          weight: { type: 'number' },
          parts: { type: 'array', items: { type: 'object', properties: { n: { type: 'string' } } } },
        },
      },
    );
    expect(data).toEqual({ facts: { released: '2026-03-05', colour: 'Green', homePage: 'https://quay.example/lamps' } });
    expect(missing).toEqual([
      { path: 'weight', required: true, reason: 'not_valid' },
      { path: 'parts', required: false, reason: 'complex' },
    ]);
  });

  it.each([
    [7, 'must be'],
    [{}, 'no field'],
    [{ 'a.b': {} }, 'no name'],
    [{ a: 'text' }, 'must be an object'],
    [{ type: 'object', properties: { a: { type: 'object' } } }, 'without properties'],
    [Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`f${at}`, {}])), 'more than 50'],
  ])('refuses %j in words', (schema, detail) => {
    const read = readWantedFields(schema);
    expect(read.kind === 'invalid' && read.detail).toContain(detail);
  });

  it('takes any schema and any name without throwing or touching prototypes', () => {
    holds(
      fc.property(fc.anything(), (schema) => {
        expect(readWantedFields(schema).kind).toMatch(/^(fields|invalid)$/);
      }),
    );
    const { data } = answer('<p>constructor: a</p><p>__proto__: b</p>', JSON.parse('{"constructor":{},"__proto__":{}}'));
    expect(Object.keys(data).length).toBeLessThanOrEqual(2);
    expect(({} as Record<string, unknown>)['b']).toBeUndefined();
  });
});

describe('acceptAnswers', () => {
  const page = parsePage('<body><p>The lamp is 30 cm tall and made of brass.</p></body>', 'https://quay.example/x');

  it('brings a model to the wanted types and says what is not on the page', () => {
    const { data, evidence, missing } = acceptAnswers(page, wanted({ height: { type: 'number' }, metal: {}, weight: { type: 'number' } }), {
      height: '30 cm',
      metal: 'silver',
      weight: 'unknown',
      more: 'ignored',
    });
    expect(data).toEqual({ height: 30, metal: 'silver' });
    expect(evidence['height']).toEqual({ source: 'text', method: 'model', verbatim: true });
    expect(evidence['metal']?.verbatim).toBe(false);
    expect(missing).toEqual([{ path: 'weight', required: false, reason: 'not_valid' }]);
  });
});
