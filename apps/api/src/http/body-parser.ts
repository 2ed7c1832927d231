import type { FastifyInstance } from 'fastify';

/** Bodies are JSON or nothing. An empty body with a JSON content type is no body: many clients send the type always. */
export function acceptOnlyJson(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
}
