import { Fault } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { isNotConnected, isRace, translateDatabaseError } from './database-errors.js';

const driverError = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('translateDatabaseError', () => {
  it.each([
    ['ECONNREFUSED', 'STORAGE_UNAVAILABLE'],
    ['ENOENT', 'STORAGE_UNAVAILABLE'],
    ['57P01', 'STORAGE_UNAVAILABLE'],
    ['08006', 'STORAGE_UNAVAILABLE'],
    ['40P01', 'STORAGE_UNAVAILABLE'],
    ['40001', 'STORAGE_UNAVAILABLE'],
    ['28P01', 'STORAGE_UNAVAILABLE'],
    ['53100', 'STORAGE_FULL'],
    ['23505', 'INTERNAL'],
  ])('%s becomes %s', (code, expected) => {
    expect(translateDatabaseError(driverError(code))).toMatchObject({
      code: expected,
      message: expect.stringContaining(expected === 'STORAGE_FULL' ? 'space' : code),
    });
    expect(translateDatabaseError({ driverError: driverError(code) }).code).toBe(expected);
    expect(translateDatabaseError(new AggregateError([driverError(code)])).code).toBe(expected);
  });

  it.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Connection terminated due to connection timeout',
  ])('knows %j without a code', (message) => {
    expect(translateDatabaseError(new Error(message)).code).toBe('STORAGE_UNAVAILABLE');
  });

  it('carries neither statement nor parameters', () => {
    const error = Object.assign(new Error('duplicate key'), {
      driverError: driverError('23505', 'duplicate key'),
      query: 'insert SECRET',
      parameters: ['SECRET'],
    });
    const fault = translateDatabaseError(error);
    expect(JSON.stringify([fault, fault.message, fault.cause, String(fault.cause)])).not.toContain('SECRET');
    expect(String(fault.cause)).toContain('23505');
  });

  it('leaves a Fault as it is, and survives what is not an error', () => {
    const fault = new Fault('NOT_FOUND', { detail: 'no job' });
    expect(translateDatabaseError(fault)).toBe(fault);
    for (const thrown of [undefined, null, 'text', 1]) expect(translateDatabaseError(thrown).code).toBe('INTERNAL');
  });

  it('tells what may be tried again', () => {
    expect([
      isRace(driverError('40P01')),
      isRace(driverError('57P01')),
      isNotConnected(driverError('ECONNREFUSED')),
      isNotConnected(driverError('57P01')),
    ]).toEqual([true, false, true, false]);
  });
});
