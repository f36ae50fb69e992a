// What a case has to work with.
import { randomInt, randomUUID } from 'node:crypto';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { HandledOperation } from '@assent/transactions/participant';
import type { Case } from './cases.ts';
import { type Answer, insist } from './customer.ts';
import { branchesOf } from './forms.ts';
import type { Replica } from './replica.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

export interface Stage {
  readonly world: World;
  readonly one: Case;
  /** The case's transactions, which are under way together, so that they share batches. */
  readonly requests: readonly Request[];
  /** Asks for all of them, at A first or at B first. */
  ask(first?: 'A' | 'B', waitFor?: 'DECIDED' | 'APPLIED'): void;
  /** For each transaction what its customers are told, when all of them are. */
  answers(): Promise<Answer[][]>;
  /** Arms the case's failpoint in these. */
  arm(...replicas: readonly Replica[]): Promise<void>;
  /** Waits until one of these has reached its failpoint, and disarms the others; false when it takes too long. */
  reached(...replicas: readonly Replica[]): Promise<boolean>;
  /** Has an operation fail from now on, until `release`. */
  hold(operation: HandledOperation, code?: string): Promise<void>;
  /** Resolves when all transactions have come by what is held. */
  held(): Promise<void>;
  release(): Promise<void>;
}

export interface Request extends RunTransactionRequestInput {
  /** Its number at the participant. */
  readonly number: number;
}

/** A key has its home in each of two shards as often, and only those of the newer one are claimed in the other too. */
const together = { 1: 2, 2: 8 } as const;
const reach_ms = 20_000;
const visit_ms = 30_000;
export const expiry_s = 1;
const time_s = 60;

export function openStage(world: World, one: Case): Stage {
  const requests = Array.from({ length: together[one.shards] }, () => requestOf(one));
  const numbers = requests.map(({ number }) => number);
  const runs: Promise<Answer[]>[] = [];
  const { ledger } = world;
  let visitsBefore = 0;

  async function visits(): Promise<number> {
    const { rows } = await ledger.query<{ count: number }>('SELECT last_value::int AS count FROM visits');
    return rows[0]?.count ?? 0;
  }

  return {
    world,
    one,
    requests,
    ask(first = 'A', waitFor = 'DECIDED') {
      const [a, b] = world.coordinators;
      const order = first === 'A' ? [a, b] : [b, a];
      const run = Promise.all(requests.map((request) => insist(order, request, waitFor)));
      // It is waited for later.
      run.catch(() => {});
      runs.push(run);
    },
    async answers() {
      const all = await Promise.all(runs);
      return requests.map((_, index) => all.map((answers) => answers[index] as Answer));
    },
    async arm(...replicas) {
      await Promise.all(replicas.map((replica) => replica.arm(`${one.point}=${one.effect}`)));
    },
    async reached(...replicas) {
      const isReached = await until(reach_ms, () => replicas.some((replica) => replica.reached()));
      await Promise.all(replicas.map((replica) => replica.reached() ?? replica.arm('')));
      return isReached;
    },
    async hold(operation, code = 'UNAVAILABLE') {
      visitsBefore = await visits();
      await ledger.query('INSERT INTO trouble SELECT n, $2, $3 FROM unnest($1::integer[]) AS n', [
        numbers,
        operation,
        code,
      ]);
    },
    async held() {
      // One may be visited twice before the other; then it was visited again.
      const isHeld = await until(visit_ms, async () => (await visits()) >= visitsBefore + 2 * requests.length);
      if (!isHeld) throw new Error('nothing is held');
    },
    async release() {
      await ledger.query('DELETE FROM trouble WHERE number = ANY ($1)', [numbers]);
    },
  };
}

function requestOf({ form, ending }: Case): Request {
  const number = randomInt(2 ** 31);
  const branches = branchesOf(form, ending, number).map((branch) => ({
    ...branch,
    after: [...branch.after],
    firstPhaseRetry: null,
    secondPhaseRetry: { firstBackoff: null, maxBackoff: null, maxAttempts: 3 },
  }));
  const timeout = { seconds: `${ending === 'EXPIRE' ? expiry_s : time_s}`, nanos: 0 };
  return { number, idempotencyKey: randomUUID(), branches, timeout };
}
