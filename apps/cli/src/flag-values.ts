import { InvalidArgumentError } from 'commander';

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}

export function isoTime(text: string): string {
  if (Number.isNaN(Date.parse(text))) throw new InvalidArgumentError('It must be a time like 2026-01-31T08:00:00Z.');
  return new Date(text).toISOString();
}

/** For flags that are given several times. */
export function collect(text: string, before: readonly string[] | false | undefined): readonly string[] {
  return [...(before === undefined || before === false ? [] : before), text];
}
