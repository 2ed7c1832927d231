import { expect, it } from 'vitest';
import { explainFilesystemError, StartRefused } from './refusal.js';

it.each([
  ['EACCES', 'is not writable'],
  ['EROFS', 'is not writable'],
  ['ENOTDIR', 'is not a folder'],
  ['ENOSPC', 'No space is left'],
])('explains %s in one line', (code, words) => {
  const refusal = explainFilesystemError(Object.assign(new Error('raw'), { code }), '/data');
  expect(refusal).toBeInstanceOf(StartRefused);
  expect((refusal as StartRefused).message).toContain(words);
});

it('leaves every other error as it is', () => {
  const fault = Object.assign(new Error('raw'), { code: 'EIO' });
  expect(explainFilesystemError(fault, '/data')).toBe(fault);
});
