import { createLogger } from '@gleaner/telemetry';
import type { OpenAPIObject } from '@nestjs/swagger';
import { createApp } from './create-app.js';
import { openApiDocument } from './openapi.js';
import type { Platform } from './platform/platform.module.js';

/** The OpenAPI document of the code as it is: needs no database, no Temporal, no port. What checks and clients are generated from. */
export async function describeApi(): Promise<OpenAPIObject> {
  // A preview makes no provider, so nothing ever asks for the other parts.
  const platform = { log: createLogger({ name: 'describe', level: 'silent' }) } as Platform;
  const app = await createApp(platform, { preview: true });
  const document = openApiDocument(app);
  await app.close();
  return document;
}
