import { isIPv6 } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { type DialerOptions, createDialer } from './dialer.js';
import type { EgressPolicy } from './policy.js';

export type EgressAgentOptions = Omit<DialerOptions, 'policy'>;

const MAX_HEADER_BYTES = 32_768;
const CONNECTIONS_PER_ORIGIN = 16;
const TLS_TIMEOUT_MS = 10_000;

/**
 * The undici dispatcher of everything that leaves this process. The policy is applied where the connection is made, for
 * literal addresses too (undici's own `lookup` option never sees those). Follows no redirects, decodes nothing. The policy of
 * an agent never changes, so its pooled connections were all made under it.
 */
export function createEgressAgent(policy: EgressPolicy, options: EgressAgentOptions = {}): Agent {
  const dial = createDialer({ policy, ...options });
  const secure = buildConnector({ timeout: TLS_TIMEOUT_MS, allowH2: false });
  return new Agent({
    allowH2: false,
    connections: CONNECTIONS_PER_ORIGIN,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (target, deliver) => {
      const isSecure = target.protocol === 'https:';
      const port = target.port === '' ? (isSecure ? 443 : 80) : Number(target.port);
      // undici strips the brackets that the policy's keys have.
      const hostname = isIPv6(target.hostname) ? `[${target.hostname}]` : target.hostname;
      dial({ hostname, port }).then(
        (socket) => (isSecure ? secure({ ...target, httpSocket: socket }, deliver) : deliver(null, socket)),
        (error: unknown) => deliver(error instanceof Error ? error : new Error('the connection failed'), null),
      );
    },
  });
}
