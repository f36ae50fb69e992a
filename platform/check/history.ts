// Histories as tables beside the mirror of the databases.
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { OrderSeen } from '../history/line.ts';
import { type Recorded, readHistory } from '../history/read.ts';

/** Rows that go over at a time. */
const chunk = 2000;

/** Clocks of processes on one machine differ by less; within one history there is one clock. */
const skew_ms = 20;

const columns = `file smallint, op text, outcome text, error text, lo float8, hi float8, invoke_line integer, line integer,
  account_id text, sku text, order_id uuid, key text, transaction_key text, mode text, amount bigint, currency text, lines json,
  status text, rejection text, total bigint, output json`;

type Row = Readonly<Record<string, unknown>>;

/** Copies histories into the table `operations`, and their scopes into `scopes`. Returns why one of them can't be used. */
export async function copyHistories(paths: readonly string[], mirror: pg.Client): Promise<string | undefined> {
  await mirror.query(`CREATE TEMP TABLE operations (${columns}); CREATE TEMP TABLE scopes (scope text)`);
  const slack_ms = paths.length > 1 ? skew_ms : 0;
  for (const [file, path] of paths.entries()) {
    const rows: Row[] = [];
    const flush = async () => {
      await mirror.query('INSERT INTO operations SELECT * FROM json_populate_recordset(NULL::operations, $1)', [
        JSON.stringify(rows),
      ]);
      rows.length = 0;
    };
    const { scope, fault } = await readHistory(path, async (one) => {
      rows.push(rowOf(file, one, slack_ms));
      if (rows.length === chunk) await flush();
    });
    if (fault) return fault;
    await flush();
    await mirror.query('INSERT INTO scopes VALUES ($1)', [scope]);
  }
  return undefined;
}

function rowOf(file: number, { operation, outcome, ...recorded }: Recorded, slack_ms: number): Row {
  const { op, ...input } = operation;
  const output = outcome.type === 'ok' ? outcome.output : {};
  return {
    file,
    op,
    outcome: outcome.type,
    error: outcome.type === 'ok' ? null : outcome.error,
    lo: recorded.invoked_ms - slack_ms,
    hi: recorded.completed_ms === undefined ? null : recorded.completed_ms + slack_ms,
    invoke_line: recorded.invokeLine,
    line: recorded.completeLine ?? recorded.invokeLine,
    ...columnsOf(input),
    ...(op === 'place' && { transaction_key: transactionKey(operation.accountId, operation.key) }),
    ...('orderId' in output ? seenColumns(output as OrderSeen) : { output }),
  };
}

/** What operations ask for. */
function columnsOf(input: object): Row {
  const { accountId, orderId, price, quantity, ...others } = input as Row;
  return { ...others, account_id: accountId, order_id: orderId, amount: others.amount ?? price ?? quantity };
}

function seenColumns({ orderId, status, rejection, total }: OrderSeen): Row {
  return { order_id: orderId, status, rejection, total };
}

/** What the order service begins the transaction of a request with. */
export function transactionKey(accountId: string, key: string): string {
  return `order:${accountId}:${createHash('sha256').update(key).digest('base64url')}`;
}
