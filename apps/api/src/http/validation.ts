import { JOB_KINDS } from '@gleaner/domain';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { type FieldProblem, RequestFault, invalidInput } from './problem.js';

/** An issue as zod gives it through the Standard Schema interface. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly keys?: readonly string[];
  readonly discriminator?: string;
}

const MAX_ERRORS = 50;

/** Validates every body and query that names a schema; what is wrong is told per field, unknown fields by their own path. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: (issues) => faultOfIssues(issues) });
}

function faultOfIssues(issues: readonly Issue[]): RequestFault {
  const errors = issues.flatMap(fieldProblems).slice(0, MAX_ERRORS);
  if (issues.some(isUnknownKind))
    return new RequestFault('UNSUPPORTED_KIND', { detail: `kind must be one of ${JOB_KINDS.join(', ')}.`, errors });
  return invalidInput(errors);
}

function isUnknownKind(issue: Issue): boolean {
  return issue.code === 'invalid_union' && issue.discriminator === 'kind';
}

function fieldProblems(issue: Issue): FieldProblem[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => ({ path: [...path, key].join('.').slice(0, 200), message: 'is not a known field' }));
  if (isUnknownKind(issue)) return [{ path: 'kind', message: `must be one of ${JOB_KINDS.join(', ')}` }];
  return [{ path: path.join('.'), message: inOurWords(issue.message) }];
}

/** Zod begins with "Invalid input: expected …"; the field is named already. */
function inOurWords(message: string): string {
  return message
    .replace(/^Invalid (input|option): expected /, 'must be ')
    .replace(/^Too (big|small): expected \w+ to (be|have) /, (_, __, verb: string) => `must ${verb} `);
}
