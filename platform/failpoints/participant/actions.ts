// A business that writes down what it does, and does what its payload says.
import type { Sql } from '@assent/postgres';
import { type Code, RpcError } from '@assent/rpc';
import {
  type BranchCall,
  defineAction,
  type HandledOperation,
  type Handler,
  type Outcome,
} from '@assent/transactions/participant';

export interface Payload {
  readonly number: number;
  /** What the first phase does instead of writing an effect. */
  readonly does?: 'reject' | 'read';
}

function handlerOf(operation: HandledOperation): Handler<Payload> {
  return async (sql, calls) => {
    const { rows } = await sql.query<{ code: Code }>(
      "SELECT code, nextval('visits') FROM trouble WHERE operation = $1 AND number = ANY ($2)",
      [operation, calls.map(({ payload }) => payload.number)],
    );
    if (rows[0]) throw new RpcError(rows[0].code, 'in trouble');
    const willing = calls.filter(({ payload }) => payload.does === undefined);
    if (willing.length > 0) await noteEffects(sql, operation, willing);
    return calls.map(({ payload }) => outcomeOf(payload));
  };
}

async function noteEffects(
  sql: Sql,
  operation: HandledOperation,
  calls: readonly BranchCall<Payload>[],
): Promise<void> {
  await sql.query(
    'INSERT INTO effects SELECT t, b, $3, n FROM unnest($1::uuid[], $2::integer[], $4::integer[]) AS e (t, b, n)',
    [
      calls.map(({ transactionId }) => transactionId),
      calls.map(({ branch }) => branch),
      operation,
      calls.map(({ payload }) => payload.number),
    ],
  );
}

function outcomeOf({ does }: Payload): Outcome {
  if (does === 'reject') return { type: 'rejected', code: 'NO', message: 'as it was told to' };
  return does === 'read' ? { type: 'done', readOnly: true } : { type: 'done' };
}

const operations: readonly HandledOperation[] = [
  'ACTION',
  'COMPENSATE',
  'TRY',
  'CONFIRM',
  'CANCEL',
  'PREPARE',
  'DELIVER',
];

export const note = defineAction<Payload>({
  name: 'note',
  parse: (payload) => payload as Payload,
  handlers: Object.fromEntries(operations.map((operation) => [operation, handlerOf(operation)])),
});
