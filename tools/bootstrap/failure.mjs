/** A failure with one line for the person at the terminal: what is wrong and the one thing to do about it. */
export class Failure extends Error {
  name = 'Failure';
}

/** @param {unknown} error @returns {string} the system's code (`ENOENT`) or the first line of the message */
export function reasonOf(error) {
  if (error !== null && typeof error === 'object' && 'code' in error && typeof error.code === 'string') return error.code;
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
