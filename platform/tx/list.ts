import { createInterface } from 'node:readline/promises';
import { openTransactions, type Page, type State, type Transaction, type Transactions, type Where } from './api.ts';
import { table } from './table.ts';

export interface ListOptions extends Where {
  readonly state?: State;
  /** All that have not ended. */
  readonly open: boolean;
  /** In seconds. */
  readonly age?: number;
  readonly kind?: string;
  readonly participant?: string;
  readonly limit: number;
  readonly pageToken?: string;
  readonly json: boolean;
}

export const openStates: readonly State[] = ['PARKED', 'RUNNING', 'COMMITTING', 'ABORTING'];

/** Shows transactions, newest first; on a terminal page by page. Returns the exit code. */
export async function list(options: ListOptions): Promise<number> {
  const transactions = openTransactions(options);
  for (let pageToken = options.pageToken ?? ''; ; ) {
    const page = await fetchPage(transactions, options, pageToken);
    if (options.json) {
      process.stdout.write(`${JSON.stringify(page)}\n`);
      return 0;
    }
    process.stdout.write(page.transactions.length > 0 ? `${table(page.transactions, Date.now())}\n` : 'None.\n');
    pageToken = page.nextPageToken;
    if (pageToken === '' || !(await goesOn(pageToken))) return 0;
  }
}

export async function fetchPage(
  transactions: Pick<Transactions, 'list'>,
  options: Pick<ListOptions, 'state' | 'open' | 'age' | 'kind' | 'participant' | 'limit'>,
  pageToken = '',
): Promise<Page> {
  const { state, open, age, kind, participant, limit } = options;
  const query = {
    pageSize: String(limit),
    ...(pageToken && { pageToken }),
    ...(age !== undefined && { minAge: `${age}s` }),
    ...(kind !== undefined && { kind }),
    ...(participant !== undefined && { participant }),
  };
  if (!open) return transactions.list({ ...query, ...(state !== undefined && { state }) });
  const pages = await Promise.all(openStates.map((one) => transactions.list({ ...query, state: one })));
  return { transactions: newest(pages.flatMap((page) => page.transactions)).slice(0, limit), nextPageToken: '' };
}

/** Ids are in the order of their times. */
function newest(transactions: readonly Transaction[]): Transaction[] {
  return transactions.toSorted((one, other) => (one.transactionId < other.transactionId ? 1 : -1));
}

/** On a terminal, whether the reader wants to see the next page; elsewhere how to get it. */
async function goesOn(pageToken: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(`There are more: --page-token ${pageToken}\n`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await terminal.question('Enter for more, q to end: ')) === '';
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
