export interface ChaosOptions {
  readonly seed: number;
  readonly pages: number;
  readonly kills: number;
  readonly latencyMs: number;
  /** Share of the pages that answer 5xx once or twice before they come; 0 by default. */
  readonly failShare?: number;
  readonly tell: (line: string) => void;
}

export interface ChaosReport {
  /** Names of the processes, in the order they were killed. */
  readonly kills: readonly string[];
  /** What does not hold, a line each. */
  readonly broken: readonly string[];
  readonly pages: number;
  readonly seconds: number;
}

export function runChaos(options: ChaosOptions): Promise<ChaosReport>;
