import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';
import { storableJson, storableText } from './storable-text.js';

describe('storable text', () => {
  it('drops NUL and replaces lone surrogates, and nothing else', () => {
    expect(storableText('a\0b\ud800c\udc00d')).toBe('ab\ufffdc\ufffdd');
    expect(storableText('😀 é \u0001')).toBe('😀 é \u0001');
  });

  it('does so in every key and value of JSON', () => {
    expect(JSON.parse(storableJson({ 'k\0': ['\0', { deep: '\udc00😀' }], n: 1, gone: undefined }))).toEqual({
      k: ['', { deep: '\ufffd😀' }],
      n: 1,
    });
  });
});

describe('canonicalJson', () => {
  it('is equal for equal values and different for different ones', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
  });
});
