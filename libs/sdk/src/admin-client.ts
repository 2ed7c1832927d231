import type { ApiKey, Keys, System, Usage, User, Users } from './admin.js';
import type { CallOptions } from './call.js';
import { listItems } from './list.js';
import type { ApiRequest, Transport } from './transport.js';

const BASE = '/api/v1';
const pathOf = (list: string, id: string): string => `${BASE}/${list}/${encodeURIComponent(id)}`;

/** The methods that need a key with the scope `admin`. */
export function adminMethods(transport: Transport): { keys: Keys; users: Users; system(call?: CallOptions): Promise<System> } {
  const ask = <T>(request: ApiRequest, call: CallOptions = {}): Promise<T> => transport.json<T>({ ...request, signal: call.signal });
  const keys: Keys = {
    list: (filter = {}, call = {}) =>
      listItems<ApiKey>(transport, { path: `${BASE}/keys`, query: { owner: filter.owner }, signal: call.signal }),
    get: (id, call) => ask({ path: pathOf('keys', id) }, call),
    // Each call makes another secret, so none of these is repeated by itself.
    create: (draft, call) => ask({ method: 'POST', path: `${BASE}/keys`, body: draft }, call),
    rotate: (id, { graceSeconds, ...call } = {}) =>
      ask({ method: 'POST', path: `${pathOf('keys', id)}/rotate`, body: graceSeconds === undefined ? {} : { graceSeconds } }, call),
    revoke: (id, call) => ask({ method: 'POST', path: `${pathOf('keys', id)}/revoke`, isIdempotent: true }, call),
  };
  const users: Users = {
    list: (call = {}) => listItems<User>(transport, { path: `${BASE}/users`, signal: call.signal }),
    get: (id, call) => ask({ path: pathOf('users', id) }, call),
    create: (draft, call) => ask({ method: 'POST', path: `${BASE}/users`, body: draft }, call),
    change: (id, change, call) => ask({ method: 'PATCH', path: pathOf('users', id), body: change, isIdempotent: true }, call),
    usage: (call = {}) => listItems<Usage>(transport, { path: `${BASE}/usage`, signal: call.signal }),
    usageOf: (id, call) => ask({ path: pathOf('usage', id) }, call),
  };
  return { keys, users, system: (call) => ask({ path: `${BASE}/system` }, call) };
}
