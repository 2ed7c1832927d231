import type { Setting } from './kinds.js';
import { SETTINGS, type SettingName, type Settings } from './table.js';

export interface SettingProblem {
  readonly name: string;
  readonly problem: string;
}

export type ReadSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/**
 * Reads every setting from a record of environment variables. All problems are reported together. A `GLEANER_*` name
 * that no setting has is a problem too: a misspelt setting that is silently ignored costs more than a refused start.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): ReadSettings {
  const problems: SettingProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const given = environment[name];
    if (given === undefined || given === '') {
      values[name] = setting.default;
      continue;
    }
    const parsed = setting.parse(given);
    if (parsed.ok) values[name] = parsed.value;
    else
      problems.push({
        name,
        problem: `${setting.secret ? 'the value' : JSON.stringify(given)} ${parsed.problem}; for example ${name}=${setting.example}`,
      });
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('GLEANER_') && !Object.hasOwn(SETTINGS, name))
      problems.push({ name, problem: `is not a setting${suggestion(name)}; see docs/configuration.md` });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, settings: values as Settings };
}

function suggestion(name: string): string {
  const nearest = Object.keys(SETTINGS)
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .toSorted((a, b) => a.distance - b.distance)[0];
  return nearest !== undefined && nearest.distance <= 4 ? `; did you mean ${nearest.candidate}` : '';
}

/** Levenshtein distance by rows; names are short. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
