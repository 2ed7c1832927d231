export interface ReadyCheck {
  readonly name: string;
  readonly isOk: boolean;
  readonly latencyMs: number | null;
  readonly detail: string | null;
}

/** Whether the system can do its work, part by part. */
export interface Readiness {
  readonly isReady: boolean;
  readonly checks: readonly ReadyCheck[];
}

const GOOD = new Set(['ok', 'up', 'pass', 'ready', 'healthy']);

/** Reads the answer of `/health/ready`: `checks` as a list with names, or as an object by name. */
export function parseReadiness(status: number, value: unknown): Readiness {
  const checks = isRecord(value) ? value['checks'] : undefined;
  const entries: [string, unknown][] = Array.isArray(checks)
    ? checks.map((check: unknown) => [isRecord(check) ? String(check['name']) : 'check', check])
    : Object.entries(isRecord(checks) ? checks : {});
  return { isReady: status === 200, checks: entries.map(([name, check]) => readCheck(name, check)) };
}

function readCheck(name: string, check: unknown): ReadyCheck {
  const fields = isRecord(check) ? check : { ok: check };
  const good = fields['ok'] ?? fields['status'];
  const detail = fields['detail'] ?? fields['error'] ?? fields['message'];
  return {
    name,
    isOk: good === true || (typeof good === 'string' && GOOD.has(good.toLowerCase())),
    latencyMs: typeof fields['latencyMs'] === 'number' ? fields['latencyMs'] : null,
    detail: typeof detail === 'string' && detail !== '' ? detail : null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
