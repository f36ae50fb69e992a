// A sample of the matrix. All of it: pnpm test:failpoints.
import { points } from '@assent/failpoints';
import { expect, test } from '@jest/globals';
import { type Case, generate } from './cases.ts';
import { type Result, runMatrix, unreached } from './matrix.ts';
import { createDatabase } from './server.ts';

const cases = generate();
const timeout_ms = 600_000;
const onServer = { createDatabase: () => createDatabase(process.env.ASSENT_TEST_POSTGRES ?? ''), worlds: 1 };

/** Each kind of act, each effect, each form. */
const names = [
  'send.ACTION.before=crash SAGA COMMIT',
  'commit.ACTION.after=fail SAGA COMMIT',
  'log.begin.after=fail SAGA ABORT',
  'execute.COMPENSATE.before=crash SAGA ABORT',
  'takeover.after=fail SAGA ABORT',
  'handle.TRY.after=crash TCC COMMIT',
  'claim.CONFIRM.before=fail TCC COMMIT',
  'log.decision.before=stall TCC COMMIT',
  'lease.register.after=stall TCC COMMIT',
  'commit.CANCEL.after=crash TCC ABORT',
  'prepare.after=fail TWO_PHASE COMMIT',
  'log.decision.after=crash TWO_PHASE COMMIT',
  'commit-prepared.after=fail TWO_PHASE COMMIT',
  'reconcile.before=fail TWO_PHASE COMMIT',
  'prepare.before=crash TWO_PHASE ABORT',
  'claim.PREPARE.after=stall TWO_PHASE EXPIRE',
  'commit.DELIVER.after=fail MESSAGE COMMIT',
  'log.park.after=crash MESSAGE COMMIT',
  'commit.COMMIT_ONE_PHASE.after=crash ONE_PHASE COMMIT',
  'send.PREPARE.after=fail READ_ONLY COMMIT',
  'lease.renew.before=stall MIXED COMMIT',
  'handover.after=crash MIXED COMMIT',
  'run.after=crash MIXED ABORT',
];

function passed(one: Case): Result {
  return { one, outcome: { type: 'passed', ended_ms: 0 }, took_ms: 0, output: '' };
}

test('every point has cases, and every case a name', () => {
  expect(unreached(points, cases.map(passed))).toEqual([]);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test('a point that no case has reached is told of', () => {
  const missed = cases.map((one): Result => {
    return one.act === 'takeover' ? { ...passed(one), outcome: { type: 'missed' } } : passed(one);
  });
  expect(unreached(points, missed)).toEqual(['takeover.before', 'takeover.after']);
});

test(
  'a sample: whatever fails, all is done or all is undone, once, and everybody was told the truth',
  async () => {
    const sample = cases.filter(({ name }) => names.includes(name));
    const results = await runMatrix(sample, onServer);
    const wrong = results.filter(({ outcome }) => outcome.type !== 'passed');
    expect(wrong.map(({ one, outcome }) => [one.name, outcome])).toEqual([]);
    expect(results).toHaveLength(names.length);
  },
  timeout_ms,
);

test(
  'a participant without a barrier is found out, and one that rolls back what is not decided yet',
  async () => {
    const find = async (planted: string, name: string, chances: number) => {
      const [one] = cases.filter((each) => each.name === name);
      const options = { ...onServer, environment: { PLANTED: planted }, patience_ms: 2_000 };
      const results = await runMatrix(Array(chances).fill(one), options);
      return results.flatMap(({ outcome }) => (outcome.type === 'failed' ? outcome.faults : []));
    };
    const [twice, half] = await Promise.all([
      find('no barrier', 'commit.ACTION.after=fail SAGA COMMIT', 1),
      // It has to be hasty while the other stands still, for which a busy machine may have no time.
      find('hasty', 'execute.PREPARE.after=stall TWO_PHASE COMMIT', 2),
    ]);
    expect(twice).toContainEqual(expect.stringContaining("has 'ACTION+ACTION"));
    expect(half).toContainEqual(expect.stringContaining('is PARKED, not COMMITTED'));
  },
  timeout_ms,
);
