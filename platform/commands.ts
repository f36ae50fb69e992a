import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { httpUrl, integer } from './arguments.ts';
import type { BenchOptions } from './bench/index.ts';
import { type FaultType, faultTypes } from './chaos/faults.ts';
import type { ChaosOptions } from './chaos/index.ts';
import type { CheckOptions } from './check/index.ts';
import { repository } from './config.ts';
import type { ExperimentOptions } from './experiment/index.ts';
import type { LoadOptions } from './load/index.ts';
import { type Mode, modes } from './load/orders.ts';
import type { Where } from './run/where.ts';
import type { SimulateOptions } from './simulate/index.ts';
import type { StartOptions } from './start/index.ts';
import { addTransactionCommands } from './tx/commands.ts';

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
    .option('--coordinator-shards <count>', 'databases over which the log is spread', integer(1, 16), 1)
    .option('--inventory-shards <count>', 'databases over which stock is spread', integer(1, 16), 1)
    .option('--data <dir>', 'keep the data there; without it a temporary directory, removed at the end')
    .option('--once', 'stop after the sample orders; exit code 0 only if they came out right', false)
    .option('--json', 'print one JSON document per event, nothing else', false)
    .option('--verbose', 'show all that the services log', false)
    .action(async (options: StartOptions) => exit(await (await import('./start/index.ts')).start(options)));
  assent
    .command('seed')
    .description('Fill the shop: a small catalogue, and accounts with some money. Doing it again changes nothing.')
    .addOption(whichPlatform())
    .addOption(elsewhere())
    .action(async (where: Where) => exit(await (await import('./start/shopkeeper.ts')).seedShop(where)));
  assent
    .command('sample')
    .description('Place an order in each mode in a shop that has been filled, and tell what became of it.')
    .addOption(whichPlatform())
    .addOption(elsewhere())
    .addHelpText('after', '\nExit code: 0 all were confirmed, 1 one was not.')
    .action(async (where: Where) => exit(await (await import('./start/shopkeeper.ts')).sampleShop(where)));
  assent
    .command('load')
    .description('Place orders on the running platform at a steady rate, and tell how it went.')
    .option('--rate <orders>', 'per second', integer(1, 100_000), 50)
    .option('--duration <seconds>', 'for how long', integer(1, 86_400), 30)
    .addOption(new Option('--mode <mode>', 'how orders are carried out').choices([...modes, 'mixed']).default('mixed'))
    .option('--json', 'print one JSON document, nothing else', false)
    .option('--history <file>', 'write down every operation and its outcome, for `check --history`')
    .option('--shop <name>', 'of its products and accounts; with --history a new one')
    .option('--cancel-share <share>', 'of orders are cancelled: 0 to 1; 0, with --history 0.1', share)
    .option('--read-share <share>', 'is followed by reading something; 0, with --history 0.3', share)
    .option('--replay-share <share>', 'is sent twice under its key; 0, with --history 0.05', share)
    .option('--reject-share <share>', 'may well be rejected; 0, with --history 0.1', share)
    .option('--hot-share <share>', 'wants one of a few products; 0, with --history 0.2', share)
    .option('--retries <count>', 'of an order, under its key; as many as it takes for a minute', integer(0, 1000))
    .addOption(whichPlatform())
    .addOption(elsewhere())
    .action(async (options: LoadOptions) => exit(await (await import('./load/index.ts')).load(options)));
  assent
    .command('bench')
    .description('Compare checkouts per second with the same writes made straight to PostgreSQL.')
    .option('--duration <seconds>', 'of each measurement', integer(1, 3600), 4)
    .option('--rounds <count>', 'of everything; the results are medians', integer(1, 100), 3)
    .option('--warm-up <seconds>', 'before all measurements, of each mode', integer(0, 600), 20)
    .option('--clients <counts>', 'at the same time', list(integer(1, 200)), [1, 16, 64])
    .option('--modes <modes>', 'to measure', list(mode), [...modes])
    .option('--replicas <count>', 'of the platform that it starts', integer(1, 20), 2)
    .option(
      '--port <port>',
      'measure the running platform with this port of REST, instead of one of its own',
      integer(1, 65_534),
    )
    .option('--out <dir>', 'where results.md and results.json go', join(repository, 'bench'))
    .action(async (options: BenchOptions) => exit(await (await import('./bench/index.ts')).bench(options)));
  assent
    .command('chaos')
    .description(
      'Kill, part, pause, starve and slow down the parts of a platform under load, and prove that nothing was lost.',
    )
    .option('--duration <seconds>', 'for how long faults happen', integer(1, 86_400), 60)
    .option('--seed <number>', 'of the schedule of faults; the same one has the same faults', integer(0, 2 ** 32 - 1))
    .option('--every <seconds>', 'from one fault to the next (default: 3, on Kubernetes 10)', decimal(0.1, 3600))
    .option('--settled <seconds>', 'after the last fault, by when everything must have ended', integer(1, 3600), 10)
    .option('--faults <types>', 'that happen; all that there are where the platform runs', list(faultType))
    .addOption(
      new Option('--target <place>', 'where the platform runs').choices(['local', 'kubernetes']).default('local'),
    )
    .option('--namespace <name>', 'of a release on Kubernetes', 'shop')
    .option('--release <name>', 'of it', 'assent')
    .option('--url <url>', "of the release's REST, if it can't be found")
    .option('--rate <orders>', 'per second', integer(1, 10_000), 30)
    .addOption(new Option('--mode <mode>', 'how orders are carried out').choices([...modes, 'mixed']).default('mixed'))
    .option('--retries <count>', 'of an order, under its key; as many as it takes for a minute', integer(0, 1000))
    .option('--replicas <count>', 'of the platform that it starts', integer(1, 20), 2)
    .option('--coordinator-shards <count>', 'of the platform that it starts', integer(1, 16), 1)
    .option('--inventory-shards <count>', 'of the platform that it starts', integer(1, 16), 1)
    .option('--port <port>', 'disturb the running platform with this port of REST', integer(1, 65_534))
    .option('--report <dir>', 'where report.html and report.json go', 'chaos-report')
    .option('--json', 'print one JSON document, nothing else', false)
    .addHelpText('after', '\nExit code: 0 nothing was wrong and enough succeeded, 1 something was.')
    .action(async (options: ChaosOptions) => exit(await (await import('./chaos/index.ts')).chaos(options)));
  assent
    .command('check')
    .description('Verify that the running platform has kept its promises: no cent, no item, no order lost.')
    .option('--settled <seconds>', 'older than this, nothing may be under way', integer(1, 3600), 10)
    .option('--wait <seconds>', 'wait first until nothing is under way, at most so long', integer(0, 3600), 0)
    .option('--history <files>', 'what `load --history` has written: check that the answers agree', list(String))
    .option('--enough <share>', 'of the orders in the history that must have been confirmed', share, 0.5)
    .option('--in-doubt <seconds>', 'how old a prepared transaction may be; as --settled', integer(1, 3600))
    .option('--healed <time>', 'when the last fault was over: orders must have ended --settled later', time)
    .option('--json', 'print one JSON document, nothing else', false)
    .addOption(whichPlatform())
    .addOption(
      new Option('--kubernetes <namespace>', 'check a release there, in the cluster of your kubeconfig').conflicts(
        'port',
      ),
    )
    .option('--release <name>', 'of Helm, with --kubernetes', 'assent')
    .addOption(
      new Option('--databases <dir>', "a file for each service, with its databases' URLs").conflicts([
        'port',
        'kubernetes',
      ]),
    )
    .addHelpText('after', '\nExit code: 0 all invariants hold, 1 some are broken, 2 there is not enough to judge.')
    .action(async (options: CheckOptions) => exit(await (await import('./check/index.ts')).check(options)));
  assent
    .command('simulate')
    .description('Run the protocol in histories in which everything goes wrong, by the dice of a seed.')
    .option('--seeds <count>', 'histories; 10000, or 1 with --seed alone', integer(1, 1_000_000_000))
    .option('--seed <number>', 'the first one; alone it is shown', integer(0, 2 ** 52))
    .option('--bug <name>', 'plant a bug, to see it found')
    .option('--full', 'show every line of a broken history, not only what is about its broken promises', false)
    .option('--transcripts', 'write the transcripts in libs/transactions/simulator/transcripts again', false)
    .addHelpText('after', '\nExit code: 0 every promise was kept, 1 one was broken, 130 interrupted.')
    .action(async (options: SimulateOptions) => exit(await (await import('./simulate/index.ts')).simulate(options)));
  assent
    .command('experiment')
    .description('Show by measuring what discovery, balancing, retries and limits are good for.')
    .argument('[name]', 'of the experiment, or all; without it they are listed')
    .option('--duration <seconds>', 'of each part that is measured; each experiment has its own', integer(1, 3600))
    .option('--rate <calls>', 'per second; each experiment has its own', integer(1, 10_000))
    .option('--seed <number>', 'of what chance decides', integer(0, 2 ** 32 - 1), 1)
    .option('--out <dir>', 'where NAME.svg, NAME.json and NAME.md go', join(repository, 'docs/experiments'))
    .addHelpText('after', '\nExit code: 0 everything was as claimed, 1 something was not, 130 interrupted.')
    .action(async (name: string | undefined, options: ExperimentOptions) =>
      exit(await (await import('./experiment/index.ts')).experiment(name, options)),
    );
  addTransactionCommands(assent, exit, whichPlatform);
  return assent;
}

function elsewhere(): Option {
  return new Option('--url <url>', 'of REST of a platform elsewhere, such as https://shop.example')
    .argParser(httpUrl)
    .conflicts('port');
}

function whichPlatform(): Option {
  return new Option('--port <port>', "of the platform's REST, when several are running").argParser(integer(1, 65_534));
}

function time(text: string): Date {
  const value = new Date(text);
  if (!Number.isNaN(value.getTime())) return value;
  throw new InvalidArgumentError('It is a time, such as 2026-12-31T23:59:59Z.');
}

function share(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It is a number from 0 to 1.');
}

function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
  };
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const found = values.find((one) => one === text);
    if (found) return found;
    throw new InvalidArgumentError(`It is one of ${values.join(', ')}.`);
  };
}

const mode = oneOf<Mode>(modes);
const faultType = oneOf<FaultType>(faultTypes);

function list<T>(parse: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map(parse);
}

/** By the codes of the system and of PostgreSQL. */
const full = ['ENOSPC', 'EDQUOT', '53100'];
const forbidden = ['EACCES', 'EPERM', 'EROFS'];

/** One line about what went wrong, for people. */
function explain(error: unknown): string {
  const { code = '', path, message } = error as NodeJS.ErrnoException;
  const where = path ? `: ${path}` : '';
  if (full.includes(code)) return `the disk is full${where}`;
  if (forbidden.includes(code)) return `no permission${where}`;
  return message.replaceAll('\n', ' ');
}
