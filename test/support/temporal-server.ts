/** A real Temporal server for a test file: the CLI that `npm test` found, in memory, on ports of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SEARCH_ATTRIBUTES } from '@gleaner/workflows/contract';
import { Client, Connection } from '@temporalio/client';

export interface TestTemporal extends AsyncDisposable {
  readonly address: string;
  readonly client: Client;
}

/** `settings`: dynamic configuration of the server, `KEY=JSON`. */
export async function startTemporal({ settings = [] }: { readonly settings?: readonly string[] } = {}): Promise<TestTemporal> {
  const executable = process.env.TEMPORAL_CLI;
  if (executable === undefined) throw new Error('TEMPORAL_CLI is not set: run the tests through `npm test`.');
  const port = await freePort();
  const attributes = Object.values(SEARCH_ATTRIBUTES).flatMap(({ name }) => ['--search-attribute', `${name}=Keyword`]);
  const tuned = [
    'history.transferProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxTimeShift="50ms"',
    ...settings,
  ].flatMap((value) => ['--dynamic-config-value', value]);
  const flags = [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    '127.0.0.1',
    '--port',
    String(port),
    '--log-level',
    'error',
    ...attributes,
    ...tuned,
  ];
  const server = spawn(executable, flags, { stdio: 'ignore' });
  const address = `127.0.0.1:${port}`;
  const connection = await connect(address, server);
  return {
    address,
    client: new Client({ connection }),
    async [Symbol.asyncDispose]() {
      await connection.close();
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
  };
}

async function connect(address: string, server: ChildProcess): Promise<Connection> {
  for (let attempt = 1; ; attempt++) {
    if (server.exitCode !== null) throw new Error(`the Temporal server ended with ${server.exitCode}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return connection;
    } catch (error) {
      if (attempt === 100) throw error;
      await delay(100);
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
