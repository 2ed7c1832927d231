import { ERRORS, type ErrorCode, type Scope } from '@gleaner/domain';
import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, type ApiResponseSchemaHost, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ProblemSchema } from './problem.js';

export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Content by media type, in OpenAPI's own words, where it is not only JSON. */
  readonly content?: NonNullable<ApiResponseSchemaHost['content']>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OperationOptions {
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** `public` needs no key; a scope needs a key that has it. */
  readonly access: 'public' | Scope;
  /** true when the handler takes a query; all other handlers refuse any parameter. */
  readonly takesQuery?: boolean;
  readonly answers: readonly Answer[];
  /** Beyond those that every operation can answer. */
  readonly errors: readonly ErrorCode[];
}

const OPERATION = Symbol('operation');

/** What guards and interceptors know of a handler. */
export type OperationFacts = Pick<OperationOptions, 'access' | 'takesQuery'>;

export function operationOf(handler: (...values: never[]) => unknown): OperationFacts | undefined {
  return Reflect.getMetadata(OPERATION, handler) as OperationFacts | undefined;
}

const EVERYWHERE: readonly ErrorCode[] = ['INVALID_INPUT', 'INTERNAL'];
const WITH_KEY: readonly ErrorCode[] = ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE'];

/** Says once what an operation is: who may call it, what it answers, which errors it has. Guards and /openapi.json read the same. */
export function Operation(options: OperationOptions): MethodDecorator {
  const secured = options.access !== 'public';
  const codes = new Set([...EVERYWHERE, ...(secured ? WITH_KEY : []), ...options.errors]);
  const needs = secured ? `Needs a key with the scope \`${options.access}\`.` : '';
  return applyDecorators(
    SetMetadata(OPERATION, { access: options.access, takesQuery: options.takesQuery ?? false }),
    ApiTags(options.tag),
    ApiOperation({ summary: options.summary, description: [options.description, needs].filter(Boolean).join('\n\n') }),
    ...(secured ? [ApiBearerAuth('key')] : []),
    ...options.answers.map(answerDecorator),
    ...problemDecorators([...codes]),
  );
}

function answerDecorator(answer: Answer): MethodDecorator & ClassDecorator {
  const headers =
    answer.headers &&
    Object.fromEntries(
      Object.entries(answer.headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
    );
  const base = { status: answer.status, description: answer.description, ...(headers ? { headers } : {}) };
  if (answer.content) return ApiResponse({ ...base, content: answer.content });
  return ApiResponse({ ...base, ...(answer.schema ? { standardSchema: answer.schema } : {}) });
}

function problemDecorators(codes: readonly ErrorCode[]): (MethodDecorator & ClassDecorator)[] {
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))];
  const groups = statuses.map((status) => codes.filter((code) => ERRORS[code].status === status));
  return groups.map((group) =>
    ApiResponse({
      status: ERRORS[group[0] ?? 'INTERNAL'].status,
      description: group.map((code) => `\`${code}\` ${ERRORS[code].title}`).join('; '),
      ...(group.some((code) => Object.hasOwn(LIMITS, code)) ? { headers: RETRY_AFTER } : {}),
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(group.map((code) => [code, { value: exampleProblem(code) }])),
        },
      },
    }),
  );
}

const LIMITS: Readonly<Partial<Record<ErrorCode, { name: string; value: number }>>> = {
  RATE_LIMITED: { name: 'requestsPerMinute', value: 1_200 },
  TOO_MANY_RUNNING_JOBS: { name: 'runningJobs', value: 200 },
  DAILY_PAGE_LIMIT: { name: 'pagesPerDay', value: 50_000 },
};

const RETRY_AFTER = { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' as const, minimum: 1 } } };

function exampleProblem(code: ErrorCode): z.infer<typeof ProblemSchema> {
  const { title, status, remedy, retryable } = ERRORS[code];
  const limit = LIMITS[code];
  const problem = { type: `/docs/errors#${code}`, title, status, detail: remedy, code, retryable, instance: '/api/v1/jobs' };
  return limit === undefined ? problem : { ...problem, limit };
}
