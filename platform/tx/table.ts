// Transactions as a table, one a line.
import type { Transaction } from './api.ts';
import { age, paint, paintState, progressText, reasonText } from './text.ts';

const header = ['ID', 'STATE', 'AGE', 'KINDS', 'PARTICIPANTS', 'WHY'];

/** With a header, without a line feed at the end. */
export function table(transactions: readonly Transaction[], now_ms: number): string {
  const rows = transactions.map((transaction) => cellsOf(transaction, now_ms));
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[], state?: Transaction['state']) =>
    cells
      .map((cell, column) => {
        if (column === 1 && state) return paintState(state, widths[column]);
        return column === cells.length - 1 ? cell : cell.padEnd(widths[column]!);
      })
      .join('  ')
      .trimEnd();
  return [paint('bold', line(header)), ...rows.map((row, index) => line(row, transactions[index]?.state))].join('\n');
}

function cellsOf(transaction: Transaction, now_ms: number): string[] {
  const { transactionId, state = 'UNKNOWN', createTime, branches } = transaction;
  const distinct = (values: readonly string[]) => [...new Set(values)].join(',');
  return [
    transactionId,
    state,
    age(createTime, now_ms),
    distinct(branches.map(({ kind = '?' }) => kind.toLowerCase())),
    distinct(branches.map(({ participant }) => participant)),
    whyOf(transaction),
  ];
}

/** Of what is parked: what is stuck. Of what is aborted: the reason. */
function whyOf({ state, branches, progress, rejection }: Transaction): string {
  if (state !== 'PARKED') return rejection ? rejection.code : '';
  const stuck = progress.flatMap((one, index) => {
    if (one.stage !== 'STUCK') return [];
    return `${branches[index]?.name}: ${one.operation} ${one.error ? reasonText(one.error) : progressText(one)}`;
  });
  return stuck.join('; ');
}
