import { STATUS_CODES } from 'node:http';
import { ERRORS, type ErrorCode, Fault, type FaultOptions } from '@gleaner/domain';
import { z } from 'zod';

export const ProblemSchema = z
  .object({
    type: z.string().meta({ description: 'Where this code is explained', examples: ['/docs/errors#INVALID_INPUT'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable name of the error; see /docs/errors', examples: ['INVALID_INPUT'] }),
    retryable: z.boolean().meta({ description: 'true when the same request can succeed later' }),
    instance: z.string().meta({ description: 'Path of the request' }),
    errors: z.array(z.object({ path: z.string().meta({ examples: ['input.url'] }), message: z.string() })).optional(),
    limit: z
      .object({ name: z.string().meta({ examples: ['runningJobs'] }), value: z.int() })
      .optional()
      .meta({ description: 'The limit that was reached; Retry-After says when to come back' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

export type Problem = z.infer<typeof ProblemSchema>;
export type FieldProblem = NonNullable<Problem['errors']>[number];

export interface RequestFaultOptions extends FaultOptions {
  /** What is wrong with each field of the request. */
  readonly errors?: readonly FieldProblem[];
  /** Answer with this status instead of the one in the table: a job's own failure is a 409 of its result. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault of one request: it carries what only an HTTP answer can say. */
export class RequestFault extends Fault {
  readonly errors: readonly FieldProblem[] | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: RequestFaultOptions) {
    super(code, options);
    this.errors = options.errors;
    this.status = options.status ?? ERRORS[code].status;
    this.headers = options.headers ?? {};
  }
}

export function invalidInput(errors: readonly FieldProblem[]): RequestFault {
  const named = errors
    .slice(0, 3)
    .map(({ path, message }) => `${path === '' ? 'the body' : path} ${message}`)
    .join('; ');
  return new RequestFault('INVALID_INPUT', { detail: `${named}${errors.length > 3 ? ` and ${errors.length - 3} more` : ''}.`, errors });
}

/** Codes of Fastify and plain statuses that the framework answers by itself, as codes of the table. */
const FRAMEWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'MALFORMED_JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'MALFORMED_JSON',
};
const STATUS_TO_CODE: Readonly<Record<number, ErrorCode>> = {
  400: 'MALFORMED_JSON',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  406: 'NOT_ACCEPTABLE',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'INVALID_INPUT',
};

/**
 * Any error as a fault of the table. What was not made to be shown becomes INTERNAL and keeps its cause for the log; an error
 * of the framework is recognised by its code or status and told in our own words.
 */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, status, statusCode, getStatus } = (error ?? {}) as {
    code?: unknown;
    status?: unknown;
    statusCode?: unknown;
    getStatus?: () => number;
  };
  const number = typeof getStatus === 'function' ? getStatus.call(error) : (statusCode ?? status);
  const known =
    (typeof code === 'string' ? FRAMEWORK_CODES[code] : undefined) ?? (typeof number === 'number' ? STATUS_TO_CODE[number] : undefined);
  if (known === undefined) return new Fault('INTERNAL', { detail: 'An unexpected error.', cause: error });
  return new Fault(known, { detail: ERRORS[known].remedy, cause: error });
}

export function statusOf(fault: Fault): number {
  return fault instanceof RequestFault ? fault.status : ERRORS[fault.code].status;
}

/** The problem document of a fault. The detail of a 5xx is the remedy of the table: its own words may tell of the inside. */
export function problemOf(fault: Fault, instance: string): Problem {
  const entry = ERRORS[fault.code];
  const status = statusOf(fault);
  const errors = fault instanceof RequestFault ? fault.errors : namedField(fault);
  return {
    type: `/docs/errors#${fault.code}`,
    title: entry.title,
    status,
    detail: status >= 500 ? entry.remedy : fault.message || (STATUS_CODES[status] ?? entry.title),
    code: fault.code,
    retryable: fault.retryable,
    instance,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(fault.limit === undefined ? {} : { limit: fault.limit }),
  };
}

/** Storage says which field it refuses as `name: problem`. */
function namedField(fault: Fault): readonly FieldProblem[] | undefined {
  const [, path, message] = fault.code === 'INVALID_INPUT' ? (/^([\w.]+): (.+)$/.exec(fault.message) ?? []) : [];
  return path === undefined || message === undefined ? undefined : [{ path, message }];
}
