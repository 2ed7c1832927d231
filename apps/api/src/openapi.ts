import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { JobEventSchema } from './events/event.dto.js';
import { completeOperations } from './openapi-examples.js';
import { ProblemSchema } from './http/problem.js';
import { CrawlResultSchema } from './jobs/crawl.dto.js';
import { TemplateVersionSchema } from './sites/site.dto.js';

const DESCRIPTION = `Durable workflows that turn websites into structured, searchable knowledge.

Everything that takes time is a **job**: start one, follow its events, read its result. Errors are RFC 9457 problem documents;
their codes are explained at [/docs/errors](/docs/errors). Ids are opaque and sort by time of creation; times are ISO 8601 UTC.

**WebSocket**: \`/api/v1/jobs/{id}/live\` tells what \`/api/v1/jobs/{id}/events\` tells, and a snapshot at least every second while the job
runs. Each text message is an object with either \`event\` (a JobEvent) or \`snapshot\` (a Job); a last snapshot, then close code 1000, is the
end. \`?after=\` goes on after an event. The key goes into \`Authorization\` or, from a browser, into a subprotocol:
\`new WebSocket(url, ['gleaner.live', 'gleaner.key.KEY'])\`; it is not taken from the URL.`;

/** The OpenAPI 3.1 document of an application that need not listen, nor have been initialised. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Gleaner')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .setOpenAPIVersion('3.1.0')
    .addServer('/')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'An API key. The first admin key is in admin.key in the data folder.' },
      'key',
    )
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    standardSchemaConverter: (schema, { schemaType }) => convert(schema as z.ZodType, schemaType),
    autoTagControllers: false,
    operationIdFactory: (controller, method) =>
      `${controller
        .replace(/(Steering)?Controller$/, '')
        .toLowerCase()
        .replace(/^job$/, 'jobs')}.${method}`,
  });
  const components = { ...document.components };
  // Named by reference where one status has several media types, so no operation brings them in by itself.
  components.schemas = Object.assign(
    {},
    components.schemas,
    ...[ProblemSchema, JobEventSchema, TemplateVersionSchema, CrawlResultSchema].map((schema) => convert(schema, 'output').components),
  ) as Schemas;
  const { JobRequest } = components.schemas;
  if (JobRequest && !('$ref' in JobRequest))
    JobRequest.example = { kind: 'extract', input: { url: 'https://example.com/news/1' }, labels: ['news'] };
  const complete: OpenAPIObject = { ...document, components, tags: usedTags(document) };
  completeOperations(complete);
  return complete;
}

const TAGS: Readonly<Record<string, string>> = {
  Jobs: 'Everything that takes time: start, follow, steer, read the result.',
  Documents: 'What was extracted from pages.',
  Sites: 'What was learned of sites: templates and their versions.',
  Health: 'Whether the system lives and can work.',
  Keys: 'API keys: who may what, and until when.',
  Users: 'Owners of jobs and documents, and their limits.',
  Usage: 'What was used of the limits.',
  System: 'Versions, pools, models and limits in force.',
  Metrics: 'Prometheus metrics.',
};

function usedTags({ paths }: OpenAPIObject): { name: string; description?: string }[] {
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods as Record<string, { tags?: string[] }>));
  const names = [...new Set(operations.flatMap(({ tags = [] }) => tags))];
  return names.map((name) => ({ name, ...(TAGS[name] === undefined ? {} : { description: TAGS[name] }) }));
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** What we answer may grow: only objects that refuse unknown fields (what callers send) say so. */
function openAnswers({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) delete jsonSchema.additionalProperties;
}

/** A zod schema as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; named schemas become components. */
function convert(schema: z.ZodType, io: 'input' | 'output'): { schema: Schemas[string]; components: Schemas } {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any', override: openAnswers });
  return JSON.parse(JSON.stringify({ schema: rest, components: $defs }).replaceAll('"#/$defs/', '"#/components/schemas/')) as {
    schema: Schemas[string];
    components: Schemas;
  };
}
