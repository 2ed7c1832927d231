import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Fault } from '@gleaner/domain';
import { headersOf } from './problem.filter.js';
import { problemOf } from './problem.js';

/** Answers on a bare socket, where there is no request that the framework could answer, and closes it. */
export function answerProblem(socket: Duplex, fault: Fault, path: string): void {
  if (!socket.writable) return void socket.destroy();
  const problem = problemOf(fault, path.slice(0, 200));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    ...(problem.status === 426 ? ['Upgrade: websocket'] : []),
    ...Object.entries(headersOf(fault)).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
