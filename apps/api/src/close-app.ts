import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const SWEEP_EVERY_MS = 50;
/** Answers under way get this long; what is still open then is cut, so that the process ends within its deadline. */
const PATIENCE_MS = 5_000;

/**
 * Ends streams and waits, answers what is under way, and closes. An answer that ends while the server closes leaves its
 * keep-alive connection open, and the server would wait for it for a minute: idle connections are swept until all are gone.
 */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  const cut = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
