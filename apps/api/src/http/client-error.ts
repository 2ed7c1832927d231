import type { Socket } from 'node:net';
import { ERRORS, type ErrorCode, Fault } from '@gleaner/domain';
import { answerProblem } from './raw-answer.js';

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** What Node's parser refuses, before there is a request: told like everything else. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // The client went away, or half of an answer is out already: nothing that it would understand can be said.
  if (error.code === 'ECONNRESET' || socket.bytesWritten > 0) return void socket.destroy();
  const code = CODES[error.code ?? ''] ?? 'MALFORMED_REQUEST';
  answerProblem(socket, new Fault(code, { detail: ERRORS[code].remedy }), '/');
}
