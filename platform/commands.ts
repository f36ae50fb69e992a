import { Command, InvalidArgumentError } from 'commander';
import type { StartOptions } from './start/index.ts';

/** Runs the command that the arguments name. Returns the exit code; an error is one line on stderr. */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const exit = (result: number) => {
    code = result;
  };
  try {
    await program(exit).parseAsync(argv);
  } catch (error) {
    process.stderr.write(`assent: ${explain(error)}\n`);
    return 1;
  }
  return code;
}

/** Each command's code is loaded only when it runs. */
function program(exit: (code: number) => void): Command {
  const assent = new Command('assent').description('A shop whose distributed transactions never end half done.');
  assent
    .command('start')
    .description('Run the platform on this machine: PostgreSQL, the gateway and the services.')
    .option('--port <port>', 'of REST; gRPC is one above', integer(1, 65_534), 8080)
    .option('--replicas <count>', 'of each service but the gateway', integer(1, 20), 2)
    .option('--data <dir>', 'keep the data there; without it a temporary directory, removed at the end')
    .option('--once', 'stop after the sample orders; exit code 0 only if they came out right', false)
    .option('--json', 'print one JSON document per event, nothing else', false)
    .option('--verbose', 'show all that the services log', false)
    .action(async (options: StartOptions) => exit(await (await import('./start/index.ts')).start(options)));
  return assent;
}

function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
  };
}

/** One line about what went wrong, for people. */
function explain(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  const where = path ? `: ${path}` : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return `the disk is full${where}`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `no permission${where}`;
  return message.replaceAll('\n', ' ');
}
