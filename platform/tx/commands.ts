// The commands of `assent tx`. Their code is loaded only when they run.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { httpUrl, integer } from '../arguments.ts';
import type { Act, ActOptions } from './act.ts';
import { kinds, states } from './api.ts';
import type { ListOptions } from './list.ts';
import type { ShowOptions } from './show.ts';
import type { WatchOptions } from './watch.ts';

type Exit = (code: number) => void;

/** @param whichPlatform the option --port */
export function addTransactionCommands(assent: Command, exit: Exit, whichPlatform: () => Option): void {
  const tx = assent
    .command('tx')
    .description('Look at transactions, and help those that cannot end by themselves.')
    .addHelpText('after', '\nWho may act is known by a token; a platform on this machine gives its own.');
  const add = (name: string, description: string) =>
    tx
      .command(name)
      .description(description)
      .addOption(whichPlatform())
      .option('--url <url>', 'of the REST of a platform elsewhere, such as https://shop.example', httpUrl)
      .option('--token-file <file>', 'holds the token of an operator');
  addViews(add, exit);
  addActs(add, exit);
}

type Add = (name: string, description: string) => Command;

function addViews(add: Add, exit: Exit): void {
  add('list', 'Transactions, newest first.')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states).argParser(upperCase(states)))
    .addOption(new Option('--open', 'only those that have not ended').default(false).conflicts(['state', 'pageToken']))
    .option('--age <age>', 'only those that began longer ago: 30s, 5m, 2h, 7d', age)
    .addOption(new Option('--kind <kind>', 'only those with a branch of this kind').argParser(upperCase(kinds)))
    .option('--participant <name>', 'only those with a branch of this participant')
    .option('--limit <count>', 'on one page', integer(1, 1000), 50)
    .option('--page-token <token>', 'the next page, as the one before has named it')
    .option('--json', 'print one JSON document, nothing else', false)
    .action(async (options: ListOptions) => exit(await (await import('./list.ts')).list(options)));
  add('show <id>', 'One transaction: what has happened, its branches, and what can be done about it.')
    .option('--json', 'print one JSON document, nothing else', false)
    .action(async (id: string, options: ShowOptions) => exit(await (await import('./show.ts')).show(id, options)));
  add('watch [id]', 'A transaction until it has ended; without an id, all that have not. Ctrl-C ends it.').action(
    async (id: string | undefined, options: WatchOptions) =>
      exit(await (await import('./watch.ts')).watch(id, options)),
  );
}

function addActs(add: Add, exit: Exit): void {
  const addAct = (name: string, description: string) =>
    add(name, description)
      .requiredOption('--reason <text>', 'why; kept with your name')
      .option('--wait <seconds>', 'at most, for what comes of it', integer(0, 3600), 5)
      .option('--json', 'print the transaction as one JSON document, nothing else', false);
  const perform = async (id: string, act: Act, options: ActOptions) =>
    exit(await (await import('./act.ts')).act(id, act, options));
  addAct('retry <id>', 'Ask the operations of a parked transaction again, or at once those of one that waits.').action(
    (id: string, options: ActOptions) => perform(id, { type: 'retry' }, options),
  );
  addAct('skip <id> <branch>', 'Take a stuck branch for done, because somebody has done by hand what it asks.')
    .option('--force', 'even if it is not stuck: the transaction may end half done', false)
    .action((id: string, branch: string, { force, ...options }: ActOptions & { force: boolean }) =>
      perform(id, { type: 'skip', branch, force }, options),
    );
  addAct('abort <id>', 'Abort a transaction that is not decided yet.').action((id: string, options: ActOptions) =>
    perform(id, { type: 'abort' }, options),
  );
  addAct('resolve <id>', 'End a parked transaction by your word, all that is left of it taken for done.')
    .addOption(new Option('--commit', 'it is committed').conflicts('abort'))
    .addOption(new Option('--abort', 'it is aborted'))
    .option('--force', 'even against its decision, or before it has one: it may end half done', false)
    .action(
      (
        id: string,
        { commit, abort, force, ...options }: ActOptions & Record<'commit' | 'abort' | 'force', boolean>,
      ) => {
        if (!commit && !abort) throw new Error('say how: --commit or --abort');
        return perform(id, { type: 'resolve', decision: commit ? 'COMMIT' : 'ABORT', force }, options);
      },
    );
}

function upperCase<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text.toUpperCase());
    if (found) return found;
    throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`);
  };
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** In seconds. */
function age(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return Number(amount) * seconds[unit]!;
  throw new InvalidArgumentError('It is a number and a unit: 30s, 5m, 2h or 7d.');
}
