import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { temporalClient } from '../temporal/temporal-client.js';

/** The Temporal CLI for the tests that need a real server; undefined: they are skipped. */
export const TEMPORAL_CLI = process.env['TEMPORAL_CLI'];

export interface TemporalServer {
  readonly address: string;
  readonly client: Client;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A development server in memory, on a free port; resolves when it answers. */
export async function startTemporal(): Promise<TemporalServer> {
  const port = await freePort();
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'never'];
  const child = spawn(TEMPORAL_CLI ?? 'temporal', args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const address = `127.0.0.1:${port}`;
  const client = temporalClient({ address, namespace: 'default', uiUrl: undefined });
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answered = await client.connection
      .withDeadline(Date.now() + 1_000, () => client.connection.workflowService.describeNamespace({ namespace: 'default' }))
      .then(
        () => true,
        () => false,
      );
    if (answered) break;
    if (Date.now() > deadline) throw new Error('the Temporal server did not start');
    await sleep(50);
  }
  return {
    address,
    client,
    stop: async () => {
      await client.connection.close();
      child.kill('SIGKILL');
      await exited;
    },
  };
}
