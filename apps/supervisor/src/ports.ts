import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { Refusal } from './refusal.js';

/** Below the range that systems take the ports of outgoing connections from: a child that starts again finds its port free. */
const FREE_FROM = 15_000;
const FREE_TO = 31_000;
const MAX_TRIES = 50;
export const TEMPORAL_UI_OFFSET = 1_000;

async function bindProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => settle(undefined)));
  });
}

/** Checks a port that was asked for, or picks one when it is 0, free together with its neighbours at the given offsets. Throws a Refusal that names the flag. */
export async function choosePort({
  host,
  port,
  flag,
  offsets = [],
  reserved = [],
}: {
  host: string;
  port: number;
  flag: string;
  offsets?: readonly number[];
  /** Promised to another part of this system, which does not listen yet. */
  reserved?: readonly number[];
}): Promise<number> {
  const problemOf = async (candidate: number): Promise<string | undefined> =>
    reserved.includes(candidate) ? 'EADDRINUSE' : bindProblem(host, candidate);
  if (port !== 0) {
    for (const offset of [0, ...offsets]) {
      const problem = await problemOf(port + offset);
      if (problem === undefined) continue;
      const what =
        problem === 'EADDRINUSE' ? `port ${port + offset} is taken` : `port ${port + offset} on ${host} cannot be used (${problem})`;
      throw new Refusal(`${what}: choose another with ${flag} N (0 picks a free one)`);
    }
    return port;
  }
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const candidate = randomInt(FREE_FROM, FREE_TO);
    const problems = await Promise.all([0, ...offsets].map((offset) => problemOf(candidate + offset)));
    if (problems.every((problem) => problem === undefined)) return candidate;
  }
  throw new Refusal(`no free port was found on ${host}: give one with ${flag} N`);
}
