import { describe, expect, it } from 'vitest';
import { connectionOptions } from './connection-url.js';

describe('connectionOptions', () => {
  it('reads a TCP URL with escapes and a port', () => {
    expect(connectionOptions('postgresql://user%40x:p%2Fw%3A@db.example:6432/gleaner')).toEqual({
      host: 'db.example',
      port: 6432,
      username: 'user@x',
      password: 'p/w:',
      database: 'gleaner',
      ssl: false,
    });
  });

  it('reads a Unix socket, which never has TLS', () => {
    expect(connectionOptions('postgresql://postgres@localhost/postgres?host=/run/my%20folder&sslmode=require')).toEqual({
      host: '/run/my folder',
      port: 5432,
      username: 'postgres',
      password: '',
      database: 'postgres',
      ssl: false,
    });
  });

  it('fills in what is left out', () => {
    expect(connectionOptions('postgres://ada@[::1]')).toMatchObject({ host: '::1', port: 5432, username: 'ada', database: 'ada' });
    expect(connectionOptions('postgres:///db')).toMatchObject({ host: 'localhost', username: 'postgres', database: 'db' });
  });

  it.each([
    ['require', { rejectUnauthorized: false }],
    ['verify-full', { rejectUnauthorized: true }],
    ['disable', false],
  ])('reads sslmode=%s', (mode, ssl) => {
    expect(connectionOptions(`postgresql://u@h/d?sslmode=${mode}`).ssl).toEqual(ssl);
  });

  it.each([
    'secret',
    'mysql://u:secret@h/d',
    'postgresql://u:secret@h/d?sslmode=sometimes',
    'postgresql://u:secret%zz@h/d',
    'postgresql://u:secret@h/d?port=x',
  ])('refuses %j without repeating the password', (url) => {
    const refusal = { code: 'INVALID_INPUT', message: expect.not.stringContaining('secret') };
    expect(() => connectionOptions(url)).toThrowError(expect.objectContaining(refusal));
  });
});
