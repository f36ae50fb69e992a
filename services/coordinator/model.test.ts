// The simulator has a model of this store. Here both are given the same random statements, and must answer the same.
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { openTestDatabase } from '@assent/testing';
import type { Branch, StateRecord } from '@assent/transactions/protocol';
import { createLogTables } from '@assent/transactions/simulator';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judge } from './intervention.ts';
import { type Begin, createStore, type LoggedTransaction, type Store } from './store/index.ts';

let database: Database;
let store: Store;
beforeAll(async () => {
  database = await openTestDatabase([{ name: 'coordinator', directory: join(import.meta.dirname, 'migrations') }]);
  store = createStore(database);
});
afterAll(() => database.close());

const lease_ms = 600_000;
const hour_ms = 3_600_000;
const branch = (name: string, kind: Branch['kind']): Branch => ({
  name,
  kind,
  participant: 'shop',
  action: 'do',
  after: [],
  payload: '',
});
/** Of a transaction, by its number. */
const branchesOf = (id: number): Branch[] =>
  id % 3 === 0 ? [branch('a', 'PREPARED')] : [branch('a', 'RESERVED'), branch('b', 'RETRIABLE')];
const keyOf = (id: number) => `k${id % 7}`;
const uuidOf = (id: number) => `00000000-0000-7000-8000-${String(id).padStart(12, '0')}`;
const numberOf = (transactionId: string) => Number(transactionId.slice(-12));

const states = fc.constantFrom('COMMITTING', 'ABORTING', 'COMMITTED', 'ABORTED');
const anyId = fc.integer({ min: 1, max: 9 });
/** Which of the coordinators so far. */
const anyEpoch = fc.nat(3);
const stuck = [{ branch: 0, operation: 'CONFIRM', attempts: 3, fault: { code: '22023', message: 'bad' } }] as const;
const anyRecord: fc.Arbitrary<StateRecord> = fc
  .record({ state: states, isRejected: fc.boolean(), omitted: fc.subarray([0, 1]), isStuck: fc.boolean() })
  .map(({ state, isRejected, omitted, isStuck }) => ({
    state,
    omitted,
    results: isRejected ? {} : { a: '1' },
    ...(isRejected && { rejection: { code: 'NO', message: 'none left' } }),
    ...(isStuck && state.endsWith('ING') && { stuck }),
  }));
const anyPart = fc.constantFrom('begin', 'decide', 'decide anew', 'end');
const anyStep = fc.oneof(
  fc.record({ type: fc.constant('register' as const) }),
  fc.record({ type: fc.constantFrom('renew', 'expire', 'fence', 'claim', 'openOf'), epoch: anyEpoch }),
  fc.record({ type: fc.constant('fenceExpired' as const) }),
  fc.record({
    type: fc.constant('write' as const),
    epoch: anyEpoch,
    entries: fc.uniqueArray(fc.record({ id: anyId, part: anyPart, record: anyRecord }), {
      minLength: 1,
      maxLength: 4,
      selector: ({ id }) => id,
    }),
  }),
  fc.record({
    type: fc.constant('act' as const),
    epoch: anyEpoch,
    id: anyId,
    act: fc.constantFrom('RETRY', 'SKIP', 'ABORT'),
  }),
  fc.record({ type: fc.constant('doubt' as const), epoch: anyEpoch, id: anyId }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

const endOf = (state: string) => (state.startsWith('COMMIT') ? 'COMMITTED' : 'ABORTED') satisfies StateRecord['state'];

/** Both, side by side. Every step's answer is [real, modelled]. */
function createPair() {
  const model = createLogTables(
    { now_ms: 0 },
    (row, epoch, fenced) => row.owner === epoch && !fenced,
    () => {},
  );
  /** The real ones; the model counts from 1. */
  const epochs: bigint[] = [];
  const modelled = (owner: bigint) => epochs.indexOf(owner) + 1;
  const pick = (index: number) => ({
    real: epochs[index % epochs.length] ?? 0n,
    epoch: (index % (epochs.length || 1)) + 1,
  });
  const beginOf = (id: number): Begin => ({
    transactionId: uuidOf(id),
    idempotencyKey: keyOf(id),
    fingerprint: '',
    branches: branchesOf(id),
    traceparent: '',
    timeout_ms: hour_ms,
    begunAt_ms: performance.now(),
  });
  const modelledBegin = (id: number) => ({ id, key: keyOf(id), branches: branchesOf(id), timeout_ms: hour_ms });

  async function write({ epoch: index, entries }: Extract<Step, { type: 'write' }>) {
    const { real, epoch } = pick(index);
    const of = (...parts: string[]) => entries.filter(({ part }) => parts.includes(part));
    const decisions = of('decide', 'decide anew');
    const ends = of('end').map(({ id, record }) => ({
      id,
      record: { ...record, state: endOf(record.state) } as const,
    }));
    const written = await store.write(real, {
      begins: of('begin').map(({ id }) => beginOf(id)),
      decisions: decisions.map(({ id, part, record }) => ({
        transactionId: uuidOf(id),
        record,
        ...(part === 'decide anew' && !record.stuck && { begin: beginOf(id) }),
      })),
      ends: ends.map(({ id, record }) => ({ transactionId: uuidOf(id), record })),
    });
    const expected = model.write(epoch, {
      begins: of('begin').map(({ id }) => modelledBegin(id)),
      decisions: decisions.map(({ id, part, record }) => ({
        id,
        record,
        ...(part === 'decide anew' && !record.stuck && { begin: modelledBegin(id) }),
      })),
      ends: ends.map(({ id, record }) => ({ id, record })),
    });
    const ids = [...written.transactionIds].map(numberOf).sort();
    return [
      { owner: written.owner, ids },
      { owner: expected.owner, ids: [...expected.ids].sort() },
    ];
  }

  async function act({ epoch: index, id, act }: Extract<Step, { type: 'act' }>) {
    const { real, epoch } = pick(index);
    const [found] = await store.byIds([uuidOf(id)]);
    const intervention = act === 'SKIP' ? ({ act, branch: 'a', force: false } as const) : ({ act } as const);
    const verdict = found && judge({ ...found, isParked: found.parkedAt !== undefined }, intervention);
    const who = { ...intervention, force: false, detail: '', operator: 'anna', reason: 'why not' };
    const isDone = verdict?.type === 'change' && (await store.perform(real, found!, verdict.change, who)) !== undefined;
    const acts = { RETRY: { type: 'retry' }, SKIP: { type: 'skip', branch: 0 }, ABORT: { type: 'abort' } } as const;
    return [isDone, model.take(epoch, id, acts[act]) !== undefined];
  }

  async function run(step: Step) {
    if (step.type === 'register') {
      epochs.push(await store.register({ name: 'x', address: 'x' }, lease_ms));
      return [epochs.length, model.register(lease_ms)];
    }
    if (step.type === 'write') return write(step);
    if (step.type === 'act') return act(step);
    if (step.type === 'fenceExpired') return [await store.fenceExpired(), model.fenceExpired()];
    const { real, epoch } = pick(step.epoch);
    switch (step.type) {
      case 'renew':
        return [await store.renew(real, lease_ms), model.renew(epoch, lease_ms)];
      case 'expire':
        return [await store.renew(real, -1_000), model.renew(epoch, -1_000)];
      case 'fence':
        return [await store.fence(real), model.fence(epoch)];
      case 'claim': {
        const claimed = (await store.claim(real, 100)).map(({ transactionId }) => numberOf(transactionId));
        return [
          claimed.sort(),
          model
            .claim(epoch, 100)
            .map(({ id }) => id)
            .sort(),
        ];
      }
      case 'openOf':
        return [[...(await store.openOf(real, 100))].map(numberOf).sort(), [...model.openOf(epoch)].sort()];
      case 'doubt': {
        const [standing] = await store.standings([uuidOf(step.id)], [real]);
        return [standing, { state: model.rows.get(step.id)?.state, isAlive: !model.isFenced(epoch) }];
      }
    }
  }

  const shown = ({ transactionId, ...row }: LoggedTransaction) => ({
    id: numberOf(transactionId),
    state: row.state,
    owner: modelled(row.owner),
    results: row.results,
    rejection: row.rejection?.code,
    omitted: row.omitted,
    isParked: row.parkedAt !== undefined,
    hasEnded: row.endedAt !== undefined,
    hasExpired: row.left_ms <= 0,
  });
  async function compare() {
    const rows = await store.byIds(Array.from({ length: 9 }, (_, index) => uuidOf(index + 1)));
    const expected = [...model.rows.values()].map(
      ({ id, state, owner, results, rejection, omitted, stuck, ...row }) => ({
        id,
        state,
        owner,
        results,
        rejection: rejection?.code.replace('OPERATOR', 'ABORTED_BY_OPERATOR'),
        omitted,
        isParked: stuck !== undefined,
        hasEnded: row.ended_ms !== undefined,
        hasExpired: row.deadline_ms <= 0,
      }),
    );
    const byId = (one: { id: number }, other: { id: number }) => one.id - other.id;
    expect(rows.map(shown).sort(byId)).toEqual(expected.sort(byId));
  }

  return { run, compare };
}

test("the simulator's model of the log answers as the log does", async () => {
  const first: Step[] = [{ type: 'register' }, { type: 'register' }];
  const record: StateRecord = { state: 'COMMITTING', omitted: [], results: {} };
  // The model once left it parked when it was aborted, and let it be skipped.
  const parkedUndecided = (act: 'ABORT' | 'SKIP'): Step[] => [
    { type: 'write', epoch: 0, entries: [{ id: 7, part: 'begin', record }] },
    { type: 'write', epoch: 0, entries: [{ id: 7, part: 'decide', record: { ...record, stuck } }] },
    { type: 'act', epoch: 0, id: 7, act },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 30 }), async (steps) => {
      await database.query('TRUNCATE transactions, idempotency_keys, coordinators, acts');
      const pair = createPair();
      for (const step of [...first, ...steps]) {
        const [real, modelled] = await pair.run(step);
        expect({ step, answer: real }).toEqual({ step, answer: modelled });
        await pair.compare();
      }
    }),
    { numRuns: 25, seed: 4, examples: [[parkedUndecided('ABORT')], [parkedUndecided('SKIP')]] },
  );
});
