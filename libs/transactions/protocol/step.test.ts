import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Branch, Kind } from './definition.ts';
import { isFirst, isOnePhase, type Operation } from './operation.ts';
import { type Command, type Event, isOver, isWanted, type Outcome, step } from './step.ts';
import { inputsOf, newTransaction, type Transaction } from './transaction.ts';

const kinds: Kind[] = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'];
const readOnly: Outcome = { type: 'done', readOnly: true };
const no: Outcome = { type: 'rejected', code: 'OUT_OF_STOCK', message: 'none left' };
const unknown: Outcome = { type: 'failed', fault: { code: 'UNAVAILABLE', message: 'it is down' } };
const missing: Outcome = { type: 'failed', fault: { code: 'UNIMPLEMENTED', message: 'there is no such action' } };

const branch = (name: string, kind: Kind, ...after: string[]): Branch => ({
  name,
  kind,
  after,
  participant: name,
  action: name,
  payload: '',
});

const checkout = (kind: Kind): Branch[] => [
  branch('create', 'COMPENSATABLE'),
  branch('reserve', kind, 'create'),
  branch('charge', kind, 'create'),
  branch('confirm', 'RETRIABLE', 'reserve', 'charge'),
];

/** Writes what happens the way a person would: `send reserve TRY #1`, `log COMMITTING`, … */
function transcript(
  branches: Branch[],
  events: (Event | [string, Operation, Outcome?])[],
  transaction = newTransaction(branches),
): string[] {
  return events.flatMap((given) => {
    const event: Event = Array.isArray(given)
      ? {
          type: 'outcome',
          branch: branches.findIndex(({ name }) => name === given[0]),
          operation: given[1],
          outcome: given[2] ?? { type: 'done' },
        }
      : given;
    const next = step(transaction, event);
    transaction = next.transaction;
    return next.commands.map((command) => line(branches, command));
  });
}

function line(branches: Branch[], command: Command): string {
  switch (command.type) {
    case 'log':
      return `log ${command.record.state}${command.record.stuck ? ' parked' : ''}${command.lazy ? ' lazily' : ''}`;
    case 'send':
      return `send ${branches[command.branch]?.name} ${command.operation} #${command.attempt}`;
    case 'announce':
      return `announce ${command.milestone}`;
  }
}

const begun: Event = { type: 'owned', state: 'RUNNING' };
const logged: Event = { type: 'logged' };

describe('the checkout', () => {
  test('[D2] [D6] as a saga commits, and only then delivers', () => {
    expect(
      transcript(checkout('COMPENSATABLE'), [
        begun,
        ['create', 'ACTION'],
        ['charge', 'ACTION'],
        ['reserve', 'ACTION'],
        logged,
        ['confirm', 'DELIVER'],
      ]),
    ).toEqual([
      'send create ACTION #1',
      'send reserve ACTION #1',
      'send charge ACTION #1',
      'log COMMITTING',
      'announce DECIDED',
      'send confirm DELIVER #1',
      'announce APPLIED',
      'log COMMITTED lazily',
    ]);
  });

  test('[D6] as a saga undoes in reverse what may have happened, and not what was refused', () => {
    expect(
      transcript(checkout('COMPENSATABLE'), [
        begun,
        ['create', 'ACTION'],
        ['reserve', 'ACTION', no],
        ['charge', 'ACTION'],
        logged,
        ['charge', 'COMPENSATE'],
        ['create', 'COMPENSATE'],
      ]),
    ).toEqual([
      'send create ACTION #1',
      'send reserve ACTION #1',
      'send charge ACTION #1',
      'log ABORTING',
      'announce DECIDED',
      'send charge COMPENSATE #1',
      'send create COMPENSATE #1',
      'announce APPLIED',
      'log ABORTED lazily',
    ]);
  });

  test('[D6] as two-phase commit delivers after every commit', () => {
    expect(
      transcript(checkout('PREPARED'), [
        begun,
        ['create', 'ACTION'],
        ['reserve', 'PREPARE'],
        ['charge', 'PREPARE'],
        logged,
        ['charge', 'COMMIT'],
        ['reserve', 'COMMIT'],
        ['confirm', 'DELIVER'],
      ]).slice(3),
    ).toEqual([
      'log COMMITTING',
      'announce DECIDED',
      'send reserve COMMIT #1',
      'send charge COMMIT #1',
      'send confirm DELIVER #1',
      'announce APPLIED',
      'log COMMITTED lazily',
    ]);
  });

  test('[D6] taken over while aborting, undoes everything, since it is not known what was sent', () => {
    expect(
      transcript(checkout('RESERVED'), [
        { type: 'owned', state: 'ABORTING' },
        ['reserve', 'CANCEL'],
        ['charge', 'CANCEL'],
        ['create', 'COMPENSATE'],
      ]),
    ).toEqual([
      'send reserve CANCEL #1',
      'send charge CANCEL #1',
      'send create COMPENSATE #1',
      'announce APPLIED',
      'log ABORTED lazily',
    ]);
  });

  test('[D6] taken over while running, undoes what its former owner may have sent, though it has not sent it itself', () => {
    const branches = checkout('RESERVED');
    const events: Parameters<typeof transcript>[1] = [begun, ['create', 'ACTION'], { type: 'expired' }, logged];
    const undoing = transcript(branches, events, newTransaction(branches, {})).slice(5);
    expect(undoing).toEqual(['send reserve CANCEL #1', 'send charge CANCEL #1']);
    const rejected: typeof events = [begun, ['create', 'ACTION', no], logged];
    expect(transcript(branches, rejected, newTransaction(branches, {})).slice(3)).toEqual(undoing);
  });
});

test('[D6] promises are kept at once, and given up at once where nobody has seen them; only DELIVER waits', () => {
  const kept = [branch('a', 'RESERVED'), branch('b', 'PREPARED', 'a'), branch('c', 'RETRIABLE', 'b')];
  expect(transcript(kept, [{ type: 'owned', state: 'COMMITTING' }, ['b', 'COMMIT']])).toEqual([
    'send a CONFIRM #1',
    'send b COMMIT #1',
    'send c DELIVER #1',
  ]);
  const givenUp = [branch('a', 'PREPARED'), branch('b', 'COMPENSATABLE', 'a'), branch('c', 'RESERVED', 'b')];
  expect(transcript(givenUp, [{ type: 'owned', state: 'ABORTING' }, ['c', 'CANCEL']])).toEqual([
    'send a ROLLBACK #1',
    'send c CANCEL #1',
    'send b COMPENSATE #1',
  ]);
});

test('[D4] an unknown outcome is asked again and never taken for a no', () => {
  const one = [branch('a', 'COMPENSATABLE')];
  expect(transcript(one, [begun, ['a', 'ACTION', unknown], ['a', 'ACTION', missing]])).toEqual([
    'send a ACTION #1',
    'send a ACTION #2',
    'send a ACTION #3',
  ]);
});

describe('retry policies', () => {
  const impatient = (kind: Kind, ...after: string[]): Branch => ({
    ...branch('a', kind, ...after),
    firstPhaseRetry: { first_ms: 5, cap_ms: 8, maxAttempts: 3 },
    secondPhaseRetry: { maxAttempts: 2 },
  });

  test('[D3] a first phase that has used up its attempts aborts', () => {
    expect(
      transcript(
        [impatient('RESERVED')],
        [begun, ['a', 'TRY', unknown], ['a', 'TRY', unknown], ['a', 'TRY', unknown], logged],
      ),
    ).toEqual([
      'send a TRY #1',
      'send a TRY #2',
      'send a TRY #3',
      'log ABORTING',
      'announce DECIDED',
      'send a CANCEL #1',
    ]);
  });

  test('pauses double up to their cap', () => {
    let transaction = step(
      newTransaction([{ ...branch('a', 'COMPENSATABLE'), firstPhaseRetry: { first_ms: 5, cap_ms: 12 } }]),
      begun,
    ).transaction;
    const pauses = Array.from({ length: 4 }, () => {
      const next = step(transaction, { type: 'outcome', branch: 0, operation: 'ACTION', outcome: unknown });
      transaction = next.transaction;
      return next.commands.map((command) => (command.type === 'send' ? command.pause_ms : undefined));
    });
    expect(pauses).toEqual([[5], [10], [12], [12]]);
  });

  test('[A1] [A2] a second phase that fails for good reasons parks, when the others are done', () => {
    const branches = [impatient('RESERVED'), branch('b', 'RESERVED'), branch('c', 'RETRIABLE', 'a')];
    expect(
      transcript(branches, [
        { type: 'owned', state: 'COMMITTING' },
        ['a', 'CONFIRM', missing],
        ['a', 'CONFIRM', unknown],
        ['a', 'CONFIRM', missing],
        ['b', 'CONFIRM', unknown],
        ['b', 'CONFIRM'],
        logged,
      ]),
    ).toEqual([
      'send a CONFIRM #1',
      'send b CONFIRM #1',
      'send a CONFIRM #2',
      'send a CONFIRM #3',
      'send b CONFIRM #2',
      'log COMMITTING parked',
      'announce PARKED',
    ]);
  });

  test('[A1] trouble that passes never parks', () => {
    const events = Array.from({ length: 100 }, (): ['a', Operation, Outcome] => ['a', 'CANCEL', unknown]);
    const commands = transcript([impatient('RESERVED')], [{ type: 'owned', state: 'ABORTING' }, ...events]);
    expect(commands.at(-1)).toBe('send a CANCEL #101');
  });

  test('[A2] a skipped branch counts as done', () => {
    const branches = [branch('a', 'RESERVED'), branch('b', 'RETRIABLE', 'a')];
    const { commands } = step(newTransaction(branches, { omitted: [0] }), { type: 'owned', state: 'COMMITTING' });
    expect(commands.map((command) => line(branches, command))).toEqual(['send b DELIVER #1']);
  });

  test('a parked transaction is over, and says what is stuck', () => {
    const branches = [impatient('COMPENSATABLE')];
    let { transaction } = step(newTransaction(branches), { type: 'owned', state: 'ABORTING' });
    for (let attempt = 0; attempt < 2; attempt++) {
      ({ transaction } = step(transaction, { type: 'outcome', branch: 0, operation: 'COMPENSATE', outcome: missing }));
    }
    expect(transaction.pending?.stuck).toEqual([
      {
        branch: 0,
        operation: 'COMPENSATE',
        attempts: 2,
        fault: { code: 'UNIMPLEMENTED', message: 'there is no such action' },
      },
    ]);
    expect(isOver(transaction)).toBe(false);
    expect(isOver(step(transaction, logged).transaction)).toBe(true);
  });
});

describe('a prepared branch that is alone', () => {
  const one = [branch('a', 'PREPARED')];

  test('[S2] commits in one phase, and the log follows', () => {
    expect(transcript(one, [begun, ['a', 'COMMIT_ONE_PHASE', unknown], ['a', 'COMMIT_ONE_PHASE']])).toEqual([
      'send a COMMIT_ONE_PHASE #1',
      'send a COMMIT_ONE_PHASE #2',
      'announce DECIDED',
      'announce APPLIED',
      'log COMMITTED lazily',
    ]);
  });

  test('[S2] is rejected in one phase', () => {
    expect(transcript(one, [begun, ['a', 'COMMIT_ONE_PHASE', no]]).at(-1)).toBe('log ABORTED lazily');
  });

  const late: [string, [string, Operation, Outcome?], string][] = [
    ['aborts when that keeps it from happening', ['a', 'ROLLBACK'], 'log ABORTED lazily'],
    [
      'commits when it hears that it has',
      ['a', 'ROLLBACK', { type: 'rejected', code: 'COMMITTED', message: '' }],
      'log COMMITTED lazily',
    ],
    ['commits when the late answer is done', ['a', 'COMMIT_ONE_PHASE'], 'log COMMITTED lazily'],
    ['aborts when the late answer is a no', ['a', 'COMMIT_ONE_PHASE', no], 'log ABORTED lazily'],
    ['goes on asking while it does not know', ['a', 'ROLLBACK', unknown], 'send a ROLLBACK #2'],
    ['asks no more for what it wants to prevent', ['a', 'COMMIT_ONE_PHASE', unknown], 'send a ROLLBACK #1'],
  ];
  test.each(late)('[S2] past its deadline gives up: %s', (_, event, last) => {
    expect(transcript(one, [begun, { type: 'expired' }, event]).at(-1)).toBe(last);
  });
});

test('[S3] what voted read-only has no second phase, and the decision says so', () => {
  const branches = checkout('PREPARED');
  const events: Parameters<typeof transcript>[1] = [begun, ['create', 'ACTION'], ['reserve', 'PREPARE', readOnly]];
  expect(transcript(branches, [...events, ['charge', 'PREPARE'], logged]).slice(3)).toEqual([
    'log COMMITTING',
    'announce DECIDED',
    'send charge COMMIT #1',
  ]);
  expect(transcript(branches, [...events, ['charge', 'PREPARE', no], logged]).slice(-1)).toEqual([
    'send create COMPENSATE #1',
  ]);
  let { transaction } = step(newTransaction([branch('a', 'PREPARED'), branch('b', 'PREPARED')]), begun);
  for (const index of [0, 1]) {
    ({ transaction } = step(transaction, { type: 'outcome', branch: index, operation: 'PREPARE', outcome: readOnly }));
  }
  expect(transaction.pending).toMatchObject({ state: 'COMMITTED', omitted: [0, 1] });
});

describe('[D2] a decision that the log refuses', () => {
  const two = [branch('a', 'PREPARED'), branch('b', 'PREPARED')];
  const refused: Event = { type: 'refused' };

  test('is none: a commit becomes an abort, which needs no record', () => {
    expect(
      transcript(two, [
        begun,
        ['a', 'PREPARE'],
        ['b', 'PREPARE'],
        refused,
        refused,
        ['a', 'ROLLBACK'],
        ['b', 'ROLLBACK'],
      ]),
    ).toEqual([
      'send a PREPARE #1',
      'send b PREPARE #1',
      'log COMMITTING',
      'log ABORTING',
      'send a ROLLBACK #1',
      'send b ROLLBACK #1',
      'announce APPLIED',
    ]);
  });

  test('[S3] and read-only branches are told as well: a PREPARE on its way would find nothing in the log, for ever', () => {
    const events: Parameters<typeof transcript>[1] = [
      begun,
      ['a', 'PREPARE', readOnly],
      ['b', 'PREPARE'],
      refused,
      refused,
    ];
    expect(transcript(two, events).slice(-2)).toEqual(['send a ROLLBACK #1', 'send b ROLLBACK #1']);
  });
});

test('a decision that leaves nothing to do is the end', () => {
  const one = [branch('a', 'COMPENSATABLE')];
  expect(transcript(one, [begun, ['a', 'ACTION'], logged])).toEqual([
    'send a ACTION #1',
    'log COMMITTED',
    'announce DECIDED',
    'announce APPLIED',
  ]);
  expect(transcript(one, [begun, ['a', 'ACTION', no], logged])[1]).toBe('log ABORTED');
});

test('[D3] past its deadline it aborts, but a decision stands', () => {
  const one = [branch('a', 'RESERVED')];
  expect(transcript(one, [begun, { type: 'expired' }, logged])).toEqual([
    'send a TRY #1',
    'log ABORTING',
    'announce DECIDED',
    'send a CANCEL #1',
  ]);
  expect(transcript(one, [begun, ['a', 'TRY'], { type: 'expired' }])).toEqual(['send a TRY #1', 'log COMMITTING']);
});

test('[D7] results reach the branches that come after, except those of prepared branches', () => {
  let transaction = newTransaction([
    branch('a', 'COMPENSATABLE'),
    branch('b', 'PREPARED'),
    branch('c', 'RETRIABLE', 'a', 'b'),
  ]);
  const apply = (event: Event) => {
    transaction = step(transaction, event).transaction;
  };
  apply(begun);
  apply({ type: 'outcome', branch: 0, operation: 'ACTION', outcome: { type: 'done', result: '{"x":1}' } });
  apply({ type: 'outcome', branch: 1, operation: 'PREPARE', outcome: { type: 'done', result: '{"y":2}' } });
  expect(inputsOf(transaction, 2)).toEqual({ a: '{"x":1}' });
  expect(transaction.pending?.results).toEqual({ a: '{"x":1}' });
});

/** Transactions of up to six branches of any kind in a valid order. */
const anyBranches = fc
  .array(fc.record({ kind: fc.constantFrom(...kinds), after: fc.array(fc.nat(5), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((specs) =>
    specs.map(({ kind, after }, index) => {
      const before = [...new Set(after)].filter(
        (other) => other < index && (kind === 'RETRIABLE' || specs[other]?.kind !== 'RETRIABLE'),
      );
      return branch(`b${index}`, kind, ...before.map((other) => `b${other}`));
    }),
  )
  // What is decided by its participant has rules of its own.
  .filter((branches) => !isOnePhase(branches));

const isPromise = (branches: Branch[], name: string) =>
  ['RESERVED', 'PREPARED'].includes(branches.find((branch) => branch.name === name)?.kind ?? '');
const isUndo = (operation: Operation) => ['COMPENSATE', 'CANCEL', 'ROLLBACK'].includes(operation);

test('[D2] [D3] [D6] whatever the order of events, it ends one way, keeps its order and never sends before the log has it', () => {
  fc.assert(
    fc.property(anyBranches, fc.array(fc.nat(1000), { minLength: 400, maxLength: 400 }), (branches, choices) => {
      let transaction: Transaction = newTransaction(branches);
      const inFlight: { branch: number; operation: Operation }[] = [];
      const done = new Set<string>();
      let durable: string | undefined = 'RUNNING';
      let toLog: string | undefined;
      const apply = (event: Event) => {
        const next = step(transaction, event);
        transaction = next.transaction;
        for (const command of next.commands) {
          if (command.type === 'log') toLog = command.record.state;
          if (command.type !== 'send') continue;
          const { operation } = command;
          // The decision is durable before anything that follows from it is sent.
          if (isFirst(operation)) expect(durable).toBe('RUNNING');
          else expect(durable).toBe(isUndo(operation) ? 'ABORTING' : 'COMMITTING');
          for (const name of branches[command.branch]?.after ?? []) {
            if (isFirst(operation)) expect(done.has(`${name} first`)).toBe(true);
            if (isUndo(operation) && branches.find((branch) => branch.name === name)?.kind !== 'PREPARED')
              expect(done.has(`${name} undone`)).toBe(false);
            if (operation === 'DELIVER' && isPromise(branches, name)) expect(done.has(`${name} undone`)).toBe(true);
          }
          expect(isWanted(transaction, command.branch, operation)).toBe(true);
          inFlight.push(command);
        }
      };
      apply(begun);
      for (const choice of choices) {
        if (toLog && choice % 3 === 0) {
          durable = toLog;
          toLog = undefined;
          apply(logged);
          continue;
        }
        if (choice === 7) apply({ type: 'expired' });
        const at = choice % Math.max(1, inFlight.length);
        const call = inFlight[at];
        if (!call) continue;
        // One in four stays in flight and so arrives twice.
        if (choice % 4 !== 1) inFlight.splice(at, 1);
        const refuse = choice % 20 === 5 && isFirst(call.operation);
        const fail = choice % 5 === 2;
        if (!refuse && !fail)
          done.add(`${branches[call.branch]?.name} ${isFirst(call.operation) ? 'first' : 'undone'}`);
        const outcome: Outcome = refuse ? no : fail ? unknown : { type: 'done' };
        apply({ type: 'outcome', branch: call.branch, operation: call.operation, outcome });
      }
      // Everything that is still asked gets its answer now.
      for (
        let round = 0;
        round < 200 && transaction.state !== 'COMMITTED' && transaction.state !== 'ABORTED';
        round++
      ) {
        if (toLog) {
          durable = toLog;
          toLog = undefined;
          apply(logged);
        }
        for (const call of inFlight.splice(0)) {
          done.add(`${branches[call.branch]?.name} ${isFirst(call.operation) ? 'first' : 'undone'}`);
          apply({ type: 'outcome', ...call, outcome: { type: 'done' } });
        }
        for (const [index, { type }] of transaction.progress.entries()) {
          // A late answer to an earlier attempt has been taken for this one's, so nothing is left waiting.
          if (type === 'SENT' && !transaction.pending)
            expect(inFlight.some(({ branch }) => branch === index)).toBe(true);
        }
      }
      expect(['COMMITTED', 'ABORTED']).toContain(transaction.state);
      expect(transaction.state).toBe(durable?.startsWith('COMMIT') ? 'COMMITTED' : 'ABORTED');
    }),
    { numRuns: 300 },
  );
});
