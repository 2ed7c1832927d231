import type { IncomingMessage } from 'node:http';
import { type FieldProblem, invalidInput } from '../http/problem.js';
import { bearerOf } from '../http/bearer.js';
import { EventsQuerySchema } from '../events/event.dto.js';

/** The subprotocol that a browser offers besides its key, and that is chosen: the key is not sent back then. */
export const PROTOCOL = 'gleaner.live';
const KEY_PROTOCOL = 'gleaner.key.';

/** The job that a path names; null when it is not a path of ours. */
export function liveJobOf(path: string): string | null {
  return /^\/api\/v1\/jobs\/([^/]{1,300})\/live$/.exec(path)?.[1] ?? null;
}

/** Sequence number to go on after. Throws INVALID_INPUT, also for parameters that do not exist. */
export function afterOf(url: URL): number {
  const names = [...new Set(url.searchParams.keys())];
  const query = Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)]));
  const parsed = EventsQuerySchema.safeParse(
    Object.fromEntries(Object.entries(query).map(([name, [first, ...more]]) => [name, more.length > 0 ? [first, ...more] : first])),
  );
  if (parsed.success) return parsed.data.after ?? 0;
  const unknown: FieldProblem[] = names
    .filter((name) => name !== 'after')
    .map((name) => ({ path: name.slice(0, 100), message: 'is not a known parameter' }));
  throw invalidInput(unknown.length > 0 ? unknown.slice(0, 20) : [{ path: 'after', message: 'must be the number of an event' }]);
}

/** The key from `Authorization`, or from the subprotocol `gleaner.key.KEY`: browsers cannot set headers here. Never from the URL. */
export function keyOf({ headers }: IncomingMessage): string | null {
  const offered = protocolsOf(headers['sec-websocket-protocol']).find((protocol) => protocol.startsWith(KEY_PROTOCOL));
  return bearerOf(headers.authorization) ?? offered?.slice(KEY_PROTOCOL.length) ?? null;
}

function protocolsOf(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').map((protocol) => protocol.trim());
}
