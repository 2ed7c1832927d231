export interface ReadyCheck {
  readonly name: string;
  readonly isOk: boolean;
  readonly latencyMs: number | null;
  /** Why it is not ok. */
  readonly reason: string | null;
}

/** Whether the system can do its work, part by part. */
export interface Readiness {
  readonly isReady: boolean;
  readonly checks: readonly ReadyCheck[];
}

/** Reads the answer of `/health/ready`: `{status, checks: {NAME: {status, latencyMs, reason?}}}`. */
export function parseReadiness(status: number, value: unknown): Readiness {
  const checks = isRecord(value) && isRecord(value['checks']) ? value['checks'] : {};
  return { isReady: status === 200, checks: Object.entries(checks).map(([name, check]) => readCheck(name, isRecord(check) ? check : {})) };
}

function readCheck(name: string, { status, latencyMs, reason }: Readonly<Record<string, unknown>>): ReadyCheck {
  return {
    name,
    isOk: status === 'ok',
    latencyMs: typeof latencyMs === 'number' ? latencyMs : null,
    reason: typeof reason === 'string' ? reason : null,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
