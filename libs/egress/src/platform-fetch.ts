import { setGlobalDispatcher } from 'undici';
import { createEgressAgent } from './agent.js';
import type { EgressPolicy } from './policy.js';

/**
 * Puts the gate before the `fetch` of the platform, for libraries that bring their own calls and take no dispatcher. Of this process,
 * for good: called once, where a process begins. Redirects are followed, each through the gate.
 */
export function guardPlatformFetch(policy: EgressPolicy): void {
  setGlobalDispatcher(createEgressAgent(policy));
}
