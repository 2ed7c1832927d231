import type { PlannedModel } from '@gleaner/domain';
import type { Breaker } from './breaker.js';
import type { Capability } from './capabilities.js';
import type { MinuteWindow } from './minute-window.js';
import type { PriceOf } from './prices.js';
import type { Provider } from './providers/provider.js';

/** A model of a chain with all that is known of it. */
export interface Candidate {
  /** `provider:model`. */
  readonly id: string;
  readonly planned: PlannedModel;
  /** Null: no key or address is set. */
  readonly provider: Provider | null;
  readonly capability: Capability;
  readonly priceOf: PriceOf;
  readonly breaker: Breaker;
  /** Of its provider. */
  readonly window: MinuteWindow;
}
