import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { ProblemSchema } from './problem.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

/** Sends bytes as they are; gives what comes back until the server closes. */
async function exchange(...lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (part: Buffer) => (answer += part.toString())).on('error', () => undefined);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await once(socket, 'close');
  return answer;
}

function problemIn(answer: string): string {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain('application/problem+json');
  const problem = ProblemSchema.strict().parse(JSON.parse(body));
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problem.status} `));
  return `${problem.status} ${problem.code}`;
}

describe('what the parser refuses', () => {
  it.each([
    ['something else than HTTP', ['\u0016\u0003\u0001 hello'], '400 MALFORMED_REQUEST'],
    ['a header without a name', ['GET /health/live HTTP/1.1', 'Host: x', ': y'], '400 MALFORMED_REQUEST'],
    ['two lengths', ['POST /api/v1/jobs HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2'], '400 MALFORMED_REQUEST'],
    ['length and chunks', ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Transfer-Encoding: chunked'], '400 MALFORMED_REQUEST'],
    ['headers that are too large', ['GET / HTTP/1.1', 'Host: x', `X-Long: ${'y'.repeat(20_000)}`], '431 HEADERS_TOO_LARGE'],
    ['a path that is too large', [`GET /${'y'.repeat(20_000)} HTTP/1.1`, 'Host: x'], '431 HEADERS_TOO_LARGE'],
  ])('is a problem document: %s', async (_, lines, expected) => {
    expect(problemIn(await exchange(...lines))).toBe(expected);
  });
});

describe('a body without a valid key', () => {
  const post = (...headers: string[]) => exchange('POST /api/v1/jobs HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers);

  it('is refused before it is there', async () => {
    expect(problemIn(await post('Content-Length: 900000'))).toBe('401 UNAUTHENTICATED');
    expect(problemIn(await post('Content-Length: 900000', 'Authorization: Bearer nobody'))).toBe('401 UNAUTHENTICATED');
    expect(problemIn(await post('Transfer-Encoding: chunked'))).toBe('401 UNAUTHENTICATED');
  });

  it('is not even told that it is too large', async () => {
    expect(problemIn(await post('Content-Length: 90000000'))).toBe('401 UNAUTHENTICATED');
    expect(problemIn(await post('Content-Length: 90000000', `Authorization: Bearer ${KEYS.jobs}`, 'Connection: close'))).toBe(
      '413 BODY_TOO_LARGE',
    );
  });
});

describe('a method that no route takes', () => {
  it('is told which there are', async () => {
    const answer = await exchange('QUERY /api/v1/jobs HTTP/1.1', 'Host: x', 'Content-Length: 0', 'Connection: close');
    expect(problemIn(answer)).toBe('405 METHOD_NOT_ALLOWED');
    expect(answer).toMatch(/allow: GET, HEAD, POST/i);
  });
});

describe('an upgrade that is not to a WebSocket', () => {
  it('is not taken: the request is answered', async () => {
    const answer = await exchange('GET /health/live HTTP/1.1', 'Host: x', 'Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});
