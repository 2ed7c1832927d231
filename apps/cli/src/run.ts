import { CommanderError } from 'commander';
import type { ReadConfig } from './config.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { reportFailure } from './failure.js';
import { buildProgram } from './program.js';
import { Terminal, type TerminalOptions } from './terminal.js';

export interface RunOptions extends Pick<TerminalOptions, 'stdout' | 'stderr'> {
  readonly config: ReadConfig;
  readonly version: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The whole program without the process around it: arguments in, streams written, exit code out. Never throws. */
export async function run(args: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { config } = options;
  const terminal = new Terminal({ stdout: options.stdout, stderr: options.stderr, hasNoColor: config.ok && config.config.hasNoColor });
  if (!config.ok) {
    for (const { name, problem } of config.problems) terminal.error(`${name} ${problem}`);
    return EXIT.usage;
  }
  let exitCode: ExitCode = EXIT.ok;
  const program = buildProgram(options.version, async (flags, command) => {
    exitCode = await command({ config: config.config, terminal, flags, signal: options.signal });
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void options.stdout.write(text),
      writeErr: (text) => void options.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (options.signal.aborted) return EXIT.interrupted;
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportFailure(error, terminal);
  }
}
