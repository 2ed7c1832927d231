import { Fault } from '@gleaner/domain';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: serialization_failure, deadlock_detected. */
const RACE_CODES: ReadonlySet<string> = new Set(['40001', '40P01']);

/** Nothing was sent yet, so trying again cannot do a thing twice. */
const NOT_CONNECTED_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', '57P03', '53300']);

/** The connection broke or the server is going away: whether the work was done is unknown. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  ...NOT_CONNECTED_CODES,
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOTSOCK',
  'EACCES',
  '57P01',
  '57P02',
  '57014',
  '25P03',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
]);

/** node-postgres and TypeORM say these without a code. */
const CONNECTION_MESSAGES = [
  'connection terminated',
  'timeout exceeded when trying to connect',
  'client has encountered a connection error',
  'not queryable',
  'driver not connected',
  'after calling end on the pool',
  'connection is not established',
];

/** invalid_authorization_specification, invalid_password, invalid_catalog_name: waiting does not help, the operator does. */
const LOGIN_CODES: ReadonlySet<string> = new Set(['28000', '28P01', '3D000']);

const FULL_CODES: ReadonlySet<string> = new Set(['53100', 'ENOSPC', 'EDQUOT']);

/** Two transactions were in each other's way; the same one again succeeds. */
export function isRace(error: unknown): boolean {
  return RACE_CODES.has(codeOf(error));
}

/** No connection was made, so nothing happened. */
export function isNotConnected(error: unknown): boolean {
  return NOT_CONNECTED_CODES.has(codeOf(error));
}

/** The server cannot be reached now and may be in a moment. */
export function isTransient(error: unknown): boolean {
  return CONNECTION_CODES.has(codeOf(error)) || saysDisconnected(messageOf(error).toLowerCase());
}

/**
 * The Fault that callers see instead of a driver's error. Neither detail nor cause repeats a statement or its parameters,
 * because those hold page text and hashed keys.
 */
export function translateDatabaseError(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const cause = new Error(`${code === '' ? 'no code' : code}: ${messageOf(error).slice(0, 500)}`);
  if (FULL_CODES.has(code)) return new Fault('STORAGE_FULL', { detail: 'The database has no space left.', cause });
  if (LOGIN_CODES.has(code))
    return new Fault('STORAGE_UNAVAILABLE', {
      detail: `The database refuses the connection${suffix(code)}: check user, password and name in its URL.`,
      cause,
    });
  if (isTransient(error)) return new Fault('STORAGE_UNAVAILABLE', { detail: `The database does not answer${suffix(code)}.`, cause });
  if (isRace(error))
    return new Fault('STORAGE_UNAVAILABLE', { detail: `The database kept refusing a change that others raced for${suffix(code)}.`, cause });
  return new Fault('INTERNAL', { detail: `The database refused a statement${suffix(code)}.`, cause });
}

function saysDisconnected(message: string): boolean {
  return CONNECTION_MESSAGES.some((phrase) => message.includes(phrase));
}

function suffix(code: string): string {
  return code === '' ? '' : ` (${code})`;
}

function codeOf(error: unknown): string {
  const { code, driverError, errors } = fieldsOf(error);
  if (typeof code === 'string') return code;
  // A host with several addresses fails with one AggregateError; TypeORM wraps what the driver threw.
  const inner = driverError ?? (Array.isArray(errors) ? errors[0] : undefined);
  return inner === undefined || inner === error ? '' : codeOf(inner);
}

function messageOf(error: unknown): string {
  const { message } = fieldsOf(error);
  return typeof message === 'string' ? message : '';
}

function fieldsOf(error: unknown): Readonly<Record<'code' | 'driverError' | 'errors' | 'message', unknown>> {
  const source = typeof error === 'object' && error !== null ? error : {};
  return {
    code: Reflect.get(source, 'code'),
    driverError: Reflect.get(source, 'driverError'),
    errors: Reflect.get(source, 'errors'),
    message: Reflect.get(source, 'message'),
  };
}
