import { lookup as lookupName } from 'node:dns/promises';
import { type LookupFunction, type Socket, connect, isIPv6 } from 'node:net';
import { Fault } from '@gleaner/domain';
import { literalAddress } from './address.js';
import type { EgressTarget } from './allow-list.js';
import type { EgressPolicy } from './policy.js';

/** All addresses of a name. Rejects when there are none. */
export type Resolver = (hostname: string) => Promise<readonly string[]>;

/** Asks the operating system, so that its hosts file and search rules hold for listed private names. */
const systemResolver: Resolver = async (hostname) => (await lookupName(hostname, { all: true })).map((answer) => answer.address);

export interface DialerOptions {
  readonly policy: EgressPolicy;
  readonly resolver?: Resolver;
  /** Longest time for name and connection together. */
  readonly connectTimeoutMs?: number;
}

/**
 * Opens a TCP connection that the policy allows. A name is resolved once, all its addresses are checked, and exactly the
 * checked list is dialled, so that a second answer (DNS rebinding) cannot take the place of the first.
 * Throws Fault BLOCKED_*, DNS_FAILED or CONNECT_FAILED; none tells a resolved address.
 */
export type Dial = (target: EgressTarget) => Promise<Socket>;

const CONNECT_TIMEOUT_MS = 10_000;

function connectFailed(target: EgressTarget, why: string): Fault {
  return new Fault('CONNECT_FAILED', { detail: `the connection to ${target.hostname}:${target.port} ${why}` });
}

function fixedLookup(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_hostname, options, done) => {
    const first = answers[0];
    if (options.all === true || first === undefined) done(null, answers);
    else done(null, first.address, first.family);
  };
}

function open(target: EgressTarget, addresses: readonly string[], timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      lookup: fixedLookup(addresses),
      autoSelectFamily: true,
      noDelay: true,
      keepAlive: true,
    });
    const timer = setTimeout(() => socket.destroy(new Error('timed out')), timeoutMs);
    // The texts of the system's errors hold the address: only their codes are passed on.
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      reject(connectFailed(target, error.code === undefined ? 'timed out' : `failed (${error.code})`));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

async function resolveAll(target: EgressTarget, resolver: Resolver, timeoutMs: number): Promise<readonly string[]> {
  const literal = literalAddress(target.hostname);
  if (literal !== null) return [literal];
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
  });
  try {
    return await Promise.race([resolver(target.hostname), expiry]);
  } catch {
    throw new Fault('DNS_FAILED', { detail: `the name ${target.hostname} cannot be resolved` });
  } finally {
    clearTimeout(timer);
  }
}

export function createDialer(options: DialerOptions): Dial {
  const { policy, resolver = systemResolver, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  return async (target) => {
    policy.checkTarget(target);
    const addresses = await resolveAll(target, resolver, connectTimeoutMs);
    policy.checkAddresses(target, addresses);
    return await open(target, addresses, connectTimeoutMs);
  };
}
