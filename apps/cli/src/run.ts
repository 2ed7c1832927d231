import { type Command, CommanderError } from 'commander';
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
  const usable = config.ok ? config.config : config.rest;
  const settingProblems = config.ok ? [] : config.problems;
  const terminal = new Terminal({ stdout: options.stdout, stderr: options.stderr, hasNoColor: usable.hasNoColor });
  // `doctor` says it among all the rest that it finds.
  if (!config.ok && args[0] !== 'doctor') {
    for (const { name, problem } of config.problems) terminal.error(`${name} ${problem}`);
    return EXIT.usage;
  }
  let exitCode: ExitCode = EXIT.ok;
  const program = buildProgram(options.version, async (flags, command) => {
    exitCode = await command({ config: usable, settingProblems, terminal, flags, signal: options.signal });
  });
  for (const command of withSubcommands(program)) {
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

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((subcommand) => withSubcommands(subcommand))];
}
