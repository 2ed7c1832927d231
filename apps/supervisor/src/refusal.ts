/** The start is refused: every line says what is wrong and the one thing to do about it. Exit code 1. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly lines: readonly string[];

  constructor(...lines: string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** The system's code of an error (`EACCES`), else its first line. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : (error.message.split('\n')[0] ?? '');
  return String(error);
}
