// How the transactions of the shop go on, step by step; at each `yield` others may come between.
import type { Branch, OrderRow, Tables, TransactionRow } from './tables.ts';

/** Somebody at work. */
export type Work = Generator<void, void, void>;

/** First phase, after COMMIT, after ABORT. */
const operations = {
  SAGA: ['ACTION', undefined, 'COMPENSATE'],
  TCC: ['TRY', 'CONFIRM', 'CANCEL'],
  TWO_PHASE: ['PREPARE', undefined, undefined],
} as const;

export function transactionsOn(tables: Tables, random: () => number) {
  const chance = (share: number) => random() < share;

  /** Takes a step of a branch, unless it is refused: then it says why. */
  function attempt(
    { transaction_id: id, branches }: TransactionRow,
    index: number,
    operation: string,
  ): string | undefined {
    const { action, payload } = branches[index] as Branch;
    const refusal = action === 'charge' ? tables.cannotPay(payload) : tables.cannotTake(payload);
    tables.barrier.push({
      transaction_id: id,
      branch: index,
      phase: 1,
      operation,
      outcome: refusal ? 'rejected' : 'done',
    });
    if (refusal) return refusal;
    if (action === 'charge') tables.charge(id, payload, operation);
    else tables.take(id, payload, operation);
    return undefined;
  }

  function second({ transaction_id: id, branches }: TransactionRow, index: number, operation: string): void {
    const { action, payload } = branches[index] as Branch;
    tables.barrier.push({ transaction_id: id, branch: index, phase: 2, operation, outcome: 'done' });
    if (action === 'charge') tables.settleCharge(id, payload, operation);
    else tables.settleTake(id, payload, operation);
  }

  function* checkout(transaction: TransactionRow, order: OrderRow): Work {
    const done: number[] = [];
    let rejection: string | undefined;
    tables.begin(transaction, order);
    yield;
    const [first, confirm, undo] = operations[order.mode];
    if (order.mode === 'TWO_PHASE') {
      // Prepared, it holds its locks: nobody sees anything in between.
      const [cannotPay, cannotTake] = [2, 1].map((index) => tables.cannot(transaction.branches[index] as Branch));
      rejection = cannotPay ?? cannotTake ?? (chance(0.05) ? 'CONTENTION' : undefined);
      if (!rejection) for (const index of [2, 1]) attempt(transaction, index, first);
    } else {
      for (const index of chance(0.5) ? [1, 2] : [2, 1]) {
        rejection ??= chance(0.03) ? 'TIMED_OUT' : attempt(transaction, index, first);
        if (!rejection) done.push(index);
        yield;
      }
    }
    transaction.state = rejection ? 'ABORTING' : 'COMMITTING';
    yield;
    for (const index of done) {
      if (rejection && undo) second(transaction, index, undo);
      if (!rejection && confirm) second(transaction, index, confirm);
      yield;
    }
    tables.end(transaction, order, rejection);
  }

  function* cancelling(transaction: TransactionRow, order: OrderRow): Work {
    tables.beginCancel(transaction, order);
    yield;
    const steps = [() => tables.giveBack(transaction, order), () => tables.refund(transaction, order)];
    for (const step of chance(0.5) ? steps : steps.reverse()) {
      step();
      yield;
    }
    tables.finishCancel(transaction, order);
  }

  return { checkout, cancelling };
}
