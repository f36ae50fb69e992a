import type { Branch, Kind, State } from '@assent/transactions/protocol';
import { describe, expect, test } from '@jest/globals';
import { type Intervention, judge, type Subject } from './intervention.ts';

const branch = (name: string, kind: Kind): Branch => ({
  name,
  kind,
  participant: 'shop',
  action: 'do',
  after: [],
  payload: '',
});
const branches = [branch('reserve', 'RESERVED'), branch('confirm', 'RETRIABLE')];

function subject(state: State | 'PARKED', rest: Partial<Subject> = {}): Subject {
  const isParked = state === 'PARKED';
  const stuck = isParked ? [{ branch: 1 }] : [];
  return { branches, omitted: [], stuck, isParked, state: isParked ? 'COMMITTING' : state, ...rest };
}

/** In one line, as a person would tell it. */
function tell(of: Subject, intervention: Intervention): string {
  const verdict = judge(of, intervention);
  switch (verdict.type) {
    case 'unchanged':
      return 'unchanged';
    case 'refused':
      return `refused: ${verdict.why}`;
    case 'change': {
      const { state, omitted, rejection, expires } = verdict.change;
      const without = omitted.map((index) => of.branches[index]?.name).join(',');
      return [state, without && `without ${without}`, rejection?.code, expires && 'expires'].filter(Boolean).join(' ');
    }
  }
}

const states = ['RUNNING', 'COMMITTING', 'ABORTING', 'PARKED', 'COMMITTED', 'ABORTED'] as const;
const table = (intervention: Intervention) =>
  Object.fromEntries(states.map((state) => [state, tell(subject(state), intervention).split(/[;:] /)[0]]));

test('retry makes what is decided try again', () => {
  expect(table({ act: 'RETRY' })).toEqual({
    RUNNING: 'refused',
    COMMITTING: 'COMMITTING',
    ABORTING: 'ABORTING',
    PARKED: 'COMMITTING',
    COMMITTED: 'unchanged',
    ABORTED: 'unchanged',
  });
});

describe('skip', () => {
  test('takes a stuck branch for done', () => {
    expect(table({ act: 'SKIP', branch: 'confirm', force: false })).toEqual({
      RUNNING: 'refused',
      COMMITTING: 'refused',
      ABORTING: 'refused',
      PARKED: 'COMMITTING without confirm',
      COMMITTED: 'refused',
      ABORTED: 'refused',
    });
  });

  test('takes another one for done only by force, and none that has nothing to do', () => {
    const force = { act: 'SKIP', branch: 'reserve', force: true } as const;
    expect(tell(subject('PARKED'), { ...force, force: false })).toContain("'reserve' is not stuck: stuck is 'confirm'");
    expect(tell(subject('PARKED'), force)).toBe('COMMITTING without reserve');
    expect(tell(subject('COMMITTING'), force)).toBe('COMMITTING without reserve');
    expect(tell(subject('RUNNING'), force)).toContain('refused');
    expect(tell(subject('ABORTING'), { ...force, branch: 'confirm' })).toContain('has nothing to do');
  });

  test('a second time changes nothing', () => {
    const skipped = subject('COMMITTING', { omitted: [1] });
    expect(tell(skipped, { act: 'SKIP', branch: 'confirm', force: false })).toBe('unchanged');
  });
});

describe('abort', () => {
  test('decides what is not decided', () => {
    expect(table({ act: 'ABORT' })).toEqual({
      RUNNING: 'ABORTING ABORTED_BY_OPERATOR',
      COMMITTING: 'refused',
      ABORTING: 'unchanged',
      PARKED: 'refused',
      COMMITTED: 'refused',
      ABORTED: 'unchanged',
    });
  });

  test('of one phase leaves the decision to its participant', () => {
    const onePhase = subject('RUNNING', { branches: [branch('charge', 'PREPARED')] });
    expect(tell(onePhase, { act: 'ABORT' })).toBe('RUNNING expires');
  });
});

describe('resolve', () => {
  test('ends what is parked, as it was decided', () => {
    expect(table({ act: 'RESOLVE', decision: 'COMMIT', force: false })).toEqual({
      RUNNING: 'refused',
      COMMITTING: 'refused',
      ABORTING: 'refused',
      PARKED: 'COMMITTED',
      COMMITTED: 'unchanged',
      ABORTED: 'refused',
    });
  });

  test('breaks atomicity by force only, and never what has ended', () => {
    expect(table({ act: 'RESOLVE', decision: 'ABORT', force: false }).PARKED).toBe('refused');
    expect(table({ act: 'RESOLVE', decision: 'ABORT', force: true })).toEqual({
      RUNNING: 'ABORTED HEURISTIC',
      COMMITTING: 'ABORTED HEURISTIC',
      ABORTING: 'ABORTED',
      PARKED: 'ABORTED HEURISTIC',
      COMMITTED: 'refused',
      ABORTED: 'unchanged',
    });
    expect(table({ act: 'RESOLVE', decision: 'COMMIT', force: true }).ABORTING).toBe('COMMITTED');
  });
});

test('a refusal names the state and what is possible instead', () => {
  const why = (state: (typeof states)[number], intervention: Intervention) => tell(subject(state), intervention);
  expect(why('COMMITTING', { act: 'ABORT' })).toMatch(/COMMITTING.*retry/);
  expect(why('RUNNING', { act: 'RETRY' })).toMatch(/RUNNING.*aborted/);
  expect(why('PARKED', { act: 'RESOLVE', decision: 'ABORT', force: false })).toMatch(/decision is to COMMIT.*force/);
});
