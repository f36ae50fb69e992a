// What must be so when everything has been mended: all done or all undone, once, and everybody was told the truth.
import { RpcError } from '@assent/rpc';
import type { Case } from './cases.ts';
import type { Answer } from './customer.ts';
import { effectsOf, type Form } from './forms.ts';
import type { World } from './world.ts';

/** A transaction that a customer has asked for. */
export interface Asked {
  /** Its number at the participant. */
  readonly number: number;
  /** What customers were told, each of them. */
  readonly answers: readonly Answer[];
}

type State = 'RUNNING' | 'COMMITTING' | 'COMMITTED' | 'ABORTING' | 'ABORTED' | 'PARKED';

/** What is wrong, or isn't right yet. */
export async function findFaults(world: World, { form, ending }: Case, asked: readonly Asked[]): Promise<string[]> {
  const faults = await Promise.all(asked.map((one) => faultsOf(world, form, one)));
  const told = asked.flatMap(({ answers }) => answers.map(({ committed }) => (committed ? 'COMMIT' : 'ABORT')));
  const wrong = ending === 'EXPIRE' ? [] : told.filter((answer) => answer !== ending);
  return [...faults.flat(), ...wrong.map((answer) => `answered ${answer}`), ...(await findOpen(world))];
}

async function faultsOf(world: World, form: Form, { number, answers }: Asked): Promise<string[]> {
  const ids = new Set(answers.map(({ transactionId }) => transactionId));
  const outcomes = new Set(answers.map(({ committed }) => committed));
  const faults = [];
  if (ids.size !== 1 || outcomes.size !== 1) faults.push(`${number} has different answers: ${JSON.stringify(answers)}`);
  const effects = await effectsByTransaction(world, number);
  for (const id of new Set([...ids, ...effects.keys()])) {
    const state = await stateOf(world, id);
    const isAnswered = ids.has(id);
    const expected = isAnswered && outcomes.has(true) ? 'COMMITTED' : 'ABORTED';
    if (state !== expected && (isAnswered || state !== undefined)) {
      faults.push(`${id} is ${state ?? 'not in the log'}, not ${expected}`);
    }
    faults.push(
      ...faultsOfEffects(form, state === 'COMMITTED', effects.get(id) ?? new Map()).map((fault) => `${id}: ${fault}`),
    );
  }
  return faults;
}

type Effects = ReadonlyMap<number, readonly string[]>;

function faultsOfEffects(form: Form, committed: boolean, effects: Effects): string[] {
  return form.branches.flatMap((branch, index) => {
    const found = (effects.get(index) ?? []).toSorted().join('+');
    const right = effectsOf(branch, committed).map((one) => one.toSorted().join('+'));
    return right.includes(found) ? [] : [`branch ${index} has '${found}', not '${right.join("' or '")}'`];
  });
}

/** Operations by branch, by transaction. */
async function effectsByTransaction({ ledger }: World, number: number): Promise<Map<string, Map<number, string[]>>> {
  const { rows } = await ledger.query<{ id: string; branch: number; operations: string[] }>(
    `SELECT transaction_id AS id, branch, array_agg(operation) AS operations FROM effects WHERE number = $1 GROUP BY 1, 2`,
    [number],
  );
  const byId = new Map<string, Map<number, string[]>>();
  for (const { id, branch, operations } of rows) {
    byId.set(id, (byId.get(id) ?? new Map()).set(branch, operations));
  }
  return byId;
}

/** As the log has it; undefined when it doesn't. */
export async function stateOf({ coordinators }: World, transactionId: string): Promise<State | undefined> {
  try {
    const { transaction } = await coordinators[0].client().getTransaction({ transactionId });
    return transaction?.state as State;
  } catch (error) {
    if (error instanceof RpcError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

async function findOpen({ coordinators, ledger }: World): Promise<string[]> {
  const { rows } = await ledger.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  );
  const states = ['RUNNING', 'COMMITTING', 'ABORTING'] as const;
  const lists = await Promise.all(states.map((state) => coordinators[1].client().listTransactions({ state })));
  return [
    ...rows.map(({ gid }) => `${gid} is prepared still`),
    ...lists.flatMap(({ transactions }) => transactions.map((one) => `${one.transactionId} is ${one.state} still`)),
  ];
}
