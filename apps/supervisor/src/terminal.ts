/** What the person at the terminal sees: everything on stderr, results on stdout. */
export interface Terminal {
  /** Progress; silent with --quiet. */
  say(line: string): void;
  /** Always shown. */
  error(line: string): void;
  /** A result, on stdout. */
  result(text: string): void;
  /** The same, resolved when stdout takes more: for results of any size. */
  resultPart(text: string): Promise<void>;
}

export function createTerminal(quiet: boolean): Terminal {
  // The terminal, or the pipe behind it, may be gone before the supervisor is: that must not stop the orderly stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    say: (line) => {
      if (!quiet) process.stderr.write(`${line}\n`);
    },
    error: (line) => process.stderr.write(`gleaner: ${line}\n`),
    result: (text) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    resultPart: (text) => new Promise((resolve) => void process.stdout.write(text, () => resolve())),
  };
}
