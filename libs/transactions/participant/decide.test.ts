import { describe, expect, test } from '@jest/globals';
import { type BarrierOperation, claimsOf, decide, endOf, type FirstPhase, type Word } from './rules.ts';

const done: FirstPhase = { outcome: 'done', result: '{"left":3}' };
const rejected: FirstPhase = { outcome: 'rejected', code: 'OUT_OF_STOCK', message: 'none left' };
const blocked: FirstPhase = { outcome: 'blocked' };

const run = { type: 'run' };
const answered = { type: 'done', result: '' };
const committed = { type: 'rejected', code: 'COMMITTED', message: expect.any(String) };
const refused = { type: 'refuse', message: expect.any(String) };

describe('a first phase', () => {
  test.each<BarrierOperation>(['ACTION', 'TRY', 'PREPARE', 'DELIVER', 'COMMIT_ONE_PHASE'])('%s', (operation) => {
    expect(decide(operation, { claimed: true, first: done })).toEqual(run);
    expect(decide(operation, { claimed: false, first: done })).toEqual({ type: 'done', result: '{"left":3}' });
    expect(decide(operation, { claimed: false, first: rejected })).toEqual({
      type: 'rejected',
      code: 'OUT_OF_STOCK',
      message: 'none left',
    });
    expect(decide(operation, { claimed: false, first: blocked })).toMatchObject({ type: 'rejected', code: 'ABORTED' });
  });
});

describe('a second phase', () => {
  const table: [BarrierOperation, claimed: boolean, FirstPhase, decision: object][] = [
    ['COMPENSATE', true, done, run],
    ['COMPENSATE', true, rejected, answered],
    ['COMPENSATE', true, blocked, answered],
    ['COMPENSATE', false, done, answered],
    ['COMPENSATE', false, rejected, answered],
    ['COMPENSATE', false, blocked, answered],
    ['CANCEL', true, done, run],
    ['CANCEL', true, rejected, answered],
    ['CANCEL', true, blocked, answered],
    ['CANCEL', false, done, answered],
    ['CANCEL', false, rejected, answered],
    ['CANCEL', false, blocked, answered],
    ['CONFIRM', true, done, run],
    ['CONFIRM', true, rejected, refused],
    ['CONFIRM', true, blocked, refused],
    ['CONFIRM', false, done, answered],
    ['ROLLBACK', true, done, committed],
    ['ROLLBACK', false, done, committed],
    ['ROLLBACK', true, rejected, answered],
    ['ROLLBACK', true, blocked, answered],
    ['ROLLBACK', false, rejected, answered],
    ['ROLLBACK', false, blocked, answered],
  ];
  test.each(table)('%s, claimed: %p, first phase %p', (operation, claimed, first, decision) => {
    expect(decide(operation, { claimed, first })).toEqual(decision);
  });
});

test('an undo claims the first phase too, to keep it out', () => {
  expect(claimsOf('COMMIT_ONE_PHASE')).toEqual([{ phase: 1, outcome: 'done' }]);
  expect(claimsOf('ROLLBACK')).toEqual([
    { phase: 1, outcome: 'blocked' },
    { phase: 2, outcome: 'done' },
  ]);
});

test('a branch in doubt ends as a coordinator says, and waits for what is not said', () => {
  const words: (Word | undefined)[] = ['COMMIT', 'ABORT', 'UNKNOWN', 'UNDECIDED', 'DECISION_UNSPECIFIED', undefined];
  expect(words.map(endOf)).toEqual(['COMMIT', 'ROLLBACK', 'ROLLBACK', undefined, undefined, undefined]);
});
