// Several replicas on one database, and batches as they may come, against a model that does one call at a time.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HandledOperation } from './action.ts';
import { type Ledger, newBranch, openLedger, type Payload, type Replica, type TestCall } from './testing/ledger.ts';

let ledger: Ledger;
let replicas: readonly [Replica, Replica];
beforeAll(async () => {
  ledger = await openLedger();
  replicas = [ledger.replica(), ledger.replica({ concurrency: 3, batchSize: 7 })];
});
afterAll(() => ledger.close());

const doneWith = (number: number) => ({ done: { result: JSON.stringify({ number }) } });

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

test('the same calls at two replicas take effect once and get the same answers', async () => {
  for (let round = 0; round < 3; round++) {
    const branches = Array.from({ length: 60 }, (_, number) => newBranch({ number }));
    const ask = async ({ execute }: Replica) => {
      const order = shuffled([...branches.keys()]);
      const answers = await execute(...order.map((index) => branches[index]!.call('ACTION')));
      return new Map(order.map((index, place) => [index, answers[place]]));
    };
    const answers = await Promise.all([...replicas, ...replicas].map(ask));
    for (const [number, { transactionId }] of branches.entries()) {
      expect(answers.map((one) => one.get(number))).toEqual(Array(4).fill(doneWith(number)));
      expect(await ledger.effects(transactionId)).toEqual([`ACTION ${number}`]);
    }
  }
});

test('a first phase and its undo at the same time end undone', async () => {
  const branches = Array.from({ length: 100 }, (_, number) => newBranch({ number }));
  await Promise.all([
    replicas[0].execute(...shuffled(branches).map(({ call }) => call('ACTION'))),
    replicas[1].execute(...shuffled(branches).map(({ call }) => call('COMPENSATE'))),
  ]);
  for (const { transactionId } of branches) {
    const effects = await ledger.effects(transactionId);
    const barrier = await ledger.barrier(transactionId);
    expect(barrier).toEqual([effects.length === 2 ? '1 done' : '1 blocked', '2 done']);
  }
});

type Operation = 'ACTION' | 'COMPENSATE' | 'TRY' | 'CONFIRM' | 'CANCEL' | 'DELIVER' | 'COMMIT_ONE_PHASE' | 'ROLLBACK';

/** A branch as the one-thread model has it. */
interface Model {
  first?: 'done' | 'rejected' | 'blocked';
  second?: true;
  effects: string[];
}

/** What a call must be answered, and what it does. */
function perform(model: Model, operation: Operation, { number, does }: Payload): string {
  const handled = handledBy(operation);
  const act = () => {
    model.effects.push(`${handled} ${number}`);
    return 'done';
  };
  switch (operation) {
    case 'ACTION':
    case 'TRY':
    case 'DELIVER':
    case 'COMMIT_ONE_PHASE':
      if (model.first === undefined) {
        if (does?.[handled] === 'throw') return 'failed';
        model.first = does?.[handled] === 'reject' ? 'rejected' : 'done';
        if (model.first === 'done') act();
      }
      return model.first === 'done' ? `done ${number}` : model.first === 'rejected' ? `NO ${number}` : 'ABORTED';
    case 'ROLLBACK':
      if (model.first === 'done') return 'COMMITTED';
      model.first ??= 'blocked';
      return 'done';
    case 'COMPENSATE':
    case 'CANCEL':
      if (model.second) return 'done';
      if (model.first === 'done' && does?.[handled] === 'throw') return 'failed';
      model.second = true;
      if (model.first === 'done') return act();
      model.first ??= 'blocked';
      return 'done';
    case 'CONFIRM':
      if (model.second) return 'done';
      if (model.first !== 'done' || does?.CONFIRM === 'throw') return 'failed';
      model.second = true;
      return act();
  }
}

/** A branch that is alone is prepared and committed at once; ROLLBACK is the library's. */
function handledBy(operation: Operation): HandledOperation {
  return operation === 'COMMIT_ONE_PHASE' || operation === 'ROLLBACK' ? 'PREPARE' : operation;
}

function describeAnswer({ done, rejected }: Awaited<ReturnType<Replica['execute']>>[number]): string {
  if (done) return done.result ? `done ${JSON.parse(done.result).number}` : 'done';
  if (rejected) return rejected.code === 'NO' ? `NO ${rejected.message?.match(/\d+/)}` : String(rejected.code);
  return 'failed';
}

const operations: HandledOperation[] = ['ACTION', 'COMPENSATE', 'TRY', 'CONFIRM', 'CANCEL', 'DELIVER', 'PREPARE'];
const families: Operation[][] = [
  ['ACTION', 'COMPENSATE'],
  ['TRY', 'CONFIRM', 'CANCEL'],
  ['DELIVER'],
  ['COMMIT_ONE_PHASE', 'ROLLBACK'],
];
const conduct = fc.constantFrom<'throw' | 'reject' | undefined>(undefined, undefined, undefined, 'reject', 'throw');

/** Rounds of concurrent calls: in a round a branch is asked for one operation, perhaps several times. */
const schedules = fc.record({
  families: fc.array(fc.constantFrom(...families), { minLength: 1, maxLength: 30 }),
  rounds: fc.array(
    fc.array(fc.record({ pick: fc.nat(), branch: fc.nat(), times: fc.integer({ min: 1, max: 3 }), conduct }), {
      maxLength: 40,
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

test('every answer and every effect is that of a model which does one call at a time', async () => {
  await fc.assert(
    fc.asyncProperty(schedules, async ({ families, rounds }) => {
      const branches = families.map((family, number) => ({
        family,
        number,
        ...newBranch(),
        model: { effects: [] as string[] } as Model,
      }));
      for (const round of rounds) {
        const asked = new Map(round.map((ask) => [ask.branch % branches.length, ask]));
        const calls: { readonly call: TestCall; readonly expected: string }[] = [];
        for (const [index, { pick, times, conduct }] of asked) {
          const { family, number, model, call } = branches[index]!;
          const operation = family[pick % family.length]!;
          const can =
            conduct === 'reject' && !['ACTION', 'TRY', 'COMMIT_ONE_PHASE'].includes(operation) ? undefined : conduct;
          const payload = { number, ...(can && { does: Object.fromEntries(operations.map((one) => [one, can])) }) };
          const expected = perform(model, operation, payload);
          for (let time = 0; time < times; time++) calls.push({ call: call(operation, { payload }), expected });
        }
        const both = await Promise.all(replicas.map(({ execute }) => execute(...calls.map(({ call }) => call))));
        for (const answers of both) {
          expect(answers.map(describeAnswer)).toEqual(calls.map(({ expected }) => expected));
        }
      }
      for (const { transactionId, model } of branches) {
        expect(await ledger.effects(transactionId)).toEqual(model.effects.sort());
      }
    }),
    { numRuns: 25 },
  );
});

const endings = [
  ['ACTION', 'COMPENSATE', 'done', ['ACTION', 'COMPENSATE']],
  ['TRY', 'CONFIRM', 'done', ['CONFIRM', 'TRY']],
  ['TRY', 'CANCEL', 'done', ['CANCEL', 'TRY']],
  ['PREPARE', 'COMMIT', 'done', ['PREPARE']],
  ['PREPARE', 'ROLLBACK', 'done', []],
  ['COMMIT_ONE_PHASE', 'ROLLBACK', 'COMMITTED', ['PREPARE']],
] as const;

test('while connections die all the time, everything that is asked until it is answered takes effect once', async () => {
  let running = true;
  let failures = 0;
  const killer = (async () => {
    for (; running; await new Promise((resolve) => setTimeout(resolve, 40))) {
      await ledger.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'participant' AND random() < 0.5`,
      );
    }
  })();

  async function insist(call: TestCall): Promise<string> {
    for (let attempt = 1; attempt < 500; attempt++) {
      const [answer] = await replicas[attempt % 2 === 0 ? 0 : 1].execute({ ...call, attempt });
      if (answer && !answer.failed) return describeAnswer(answer);
      failures++;
    }
    throw new Error('never answered');
  }

  async function transaction(number: number): Promise<void> {
    const [first, last, answer, effects] = endings[number % endings.length]!;
    const { transactionId, call } = newBranch({ number });
    // A PREPARE whose answer was lost has lost its result.
    expect(['done', `done ${number}`]).toContain(await insist(call(first)));
    expect(await insist(call(last))).toBe(answer);
    expect(await ledger.effects(transactionId)).toEqual(effects.map((effect) => `${effect} ${number}`));
  }

  const clients = Array.from({ length: 12 }, async (_, client) => {
    for (let round = 0; round < 10; round++) await transaction(client + 12 * round);
  });
  await Promise.all(clients).finally(() => {
    running = false;
  });
  await killer;
  expect(failures).toBeGreaterThan(0);
  expect(await ledger.prepared()).toEqual([]);
});
