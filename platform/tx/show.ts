import { openTransactions, type Where } from './api.ts';
import { timeline } from './timeline.ts';

export interface ShowOptions extends Where {
  readonly json: boolean;
}

/** Shows one transaction. Returns the exit code. */
export async function show(transactionId: string, options: ShowOptions): Promise<number> {
  const transaction = await openTransactions(options).get(transactionId);
  process.stdout.write(`${options.json ? JSON.stringify(transaction) : timeline(transaction, Date.now())}\n`);
  return 0;
}
