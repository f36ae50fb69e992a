import { setTimeout as sleep } from 'node:timers/promises';
import { openTransactions, type Transactions, type Where } from './api.ts';
import { fetchPage } from './list.ts';
import { createScreen } from './screen.ts';
import { table } from './table.ts';
import { timeline } from './timeline.ts';

export type WatchOptions = Where;

const every_ms = 1000;

interface View {
  readonly text: string;
  /** Nothing more is going to happen. */
  readonly isLast: boolean;
}

/** Shows one transaction until it has ended, or all that have not, until Ctrl-C. Returns the exit code. */
export async function watch(transactionId: string | undefined, options: WatchOptions): Promise<number> {
  const transactions = openTransactions(options);
  const look = transactionId === undefined ? () => lookAtOpen(transactions) : () => lookAt(transactions, transactionId);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const screen = createScreen(process.stdout);
  let last: View | undefined;
  try {
    while (!interrupted.signal.aborted) {
      last = await look().catch((error: Error) => outOfSight(error, last));
      if (interrupted.signal.aborted) break;
      screen.show(last.text);
      if (last.isLast) break;
      await sleep(every_ms, undefined, { signal: interrupted.signal }).catch(() => {});
    }
    return 0;
  } finally {
    screen.end();
  }
}

/** A platform that is away for a moment is waited for, once something was seen of it. */
function outOfSight({ message }: Error, last: View | undefined): View {
  if (last === undefined) throw new Error(message);
  const [seen = ''] = last.text.split(lost);
  return { text: `${seen}${lost}${message}`, isLast: false };
}

const lost = '\n\nOut of sight: ';

async function lookAt(transactions: Transactions, transactionId: string): Promise<View> {
  const transaction = await transactions.get(transactionId);
  return { text: timeline(transaction, Date.now()), isLast: transaction.endTime !== undefined };
}

async function lookAtOpen(transactions: Transactions): Promise<View> {
  const rows = Math.max(1, (process.stdout.rows || 50) - 4);
  const page = await fetchPage(transactions, { open: true, limit: Math.min(rows, 1000) });
  const text = page.transactions.length > 0 ? table(page.transactions, Date.now()) : 'All transactions have ended.';
  return { text: `${text}\n\nCtrl-C ends this.`, isLast: false };
}
