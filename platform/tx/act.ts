import { setTimeout as sleep } from 'node:timers/promises';
import { openTransactions, type Transaction, type Transactions, type Where } from './api.ts';
import { timeline } from './timeline.ts';

export interface ActOptions extends Where {
  readonly reason: string;
  /** How long to wait for what comes of it, in seconds. */
  readonly wait: number;
  readonly json: boolean;
}

export type Act =
  | { readonly type: 'retry' }
  | { readonly type: 'skip'; readonly branch: string; readonly force: boolean }
  | { readonly type: 'abort' }
  | { readonly type: 'resolve'; readonly decision: 'COMMIT' | 'ABORT'; readonly force: boolean };

const every_ms = 200;

/** Says what is going to happen, does it, and shows what came of it. Returns the exit code. */
export async function act(transactionId: string, act: Act, options: ActOptions): Promise<number> {
  const transactions = openTransactions(options);
  const say = (text: string) => void (options.json || process.stdout.write(`${text}\n`));
  const before = await transactions.get(transactionId);
  say(announce(before, act));
  const { type, ...details } = act;
  await transactions.act(transactionId, type, { ...details, reason: options.reason });
  const after = await settled(transactions, transactionId, options.wait * 1000);
  if (options.json) process.stdout.write(`${JSON.stringify(after)}\n`);
  say(`\n${timeline(after, Date.now())}`);
  if (after.endTime === undefined && after.state !== 'PARKED')
    say(`\nIt goes on: npx pnpm@10 tx watch ${transactionId}`);
  return after.state === 'PARKED' ? 1 : 0;
}

/** In one line: what the transaction is, and what the act is going to do with it. */
export function announce({ transactionId, state, decision, endTime, branches }: Transaction, act: Act): string {
  const now = `${transactionId} is ${state}${state === 'PARKED' ? `, decided to ${decision}` : ''}.`;
  if (endTime !== undefined) return `${now} It has ended.`;
  switch (act.type) {
    case 'retry':
      return `${now} What is left of it is asked again, at once.`;
    case 'skip': {
      const branch = branches.find(({ name }) => name === act.branch);
      const what = branch ? ` (${branch.participant}/${branch.action})` : '';
      return `${now} The branch ${act.branch}${what} is taken for done, the rest goes on.${warning(act.force)}`;
    }
    case 'abort':
      return `${now} Unless it is decided by then, it is aborted: what it has done is undone.`;
    case 'resolve':
      return `${now} It ends by your word: ${act.decision}; nobody is asked any more.${warning(act.force)}`;
  }
}

function warning(force: boolean): string {
  return force ? ' By force: it may end half done, and that is for you to mend.' : '';
}

/** The transaction once it has ended or is parked again; as it is then, if that takes longer. */
async function settled(transactions: Transactions, transactionId: string, patience_ms: number): Promise<Transaction> {
  const until_ms = performance.now() + patience_ms;
  for (;;) {
    const transaction = await transactions.get(transactionId);
    const isSettled = transaction.endTime !== undefined || transaction.state === 'PARKED';
    if (isSettled || performance.now() > until_ms) return transaction;
    await sleep(every_ms);
  }
}
