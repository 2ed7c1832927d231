export { createEgressAgent, type EgressAgentOptions } from './agent.js';
export { type EgressTarget, targetOf } from './allow-list.js';
export type { Resolver } from './dialer.js';
export { guardPlatformFetch } from './platform-fetch.js';
export { createEgressPolicy, type EgressPolicy, type EgressPolicyOptions } from './policy.js';
export { EGRESS_HEADER } from './proxy-forward.js';
export { createEgressProxy, type EgressProxy, type EgressProxyOptions } from './proxy.js';
