import { expect, test } from '@jest/globals';
import { isForGood } from '../protocol/index.ts';
import { isSecond, sparing } from './urgency.ts';

const call = (operation: string) => ({ operation }) as Parameters<ReturnType<typeof sparing>>[0];
const firsts = ['ACTION', 'TRY', 'PREPARE', 'COMMIT_ONE_PHASE'];
const seconds = ['COMPENSATE', 'CONFIRM', 'CANCEL', 'COMMIT', 'ROLLBACK', 'DELIVER'];

test('second phases are urgent, first phases and nonsense are not', () => {
  expect(seconds.map((operation) => isSecond(call(operation)))).toEqual(seconds.map(() => true));
  expect([...firsts, 'OPERATION_UNSPECIFIED'].some((operation) => isSecond(call(operation)))).toBe(false);
});

test('who has his hands full performs second phases, and asks for first phases again', async () => {
  const performed: string[] = [];
  const perform = sparing(async ({ operation }) => {
    performed.push(operation);
    return { type: 'done', result: '' };
  });
  const answers = await Promise.all([...firsts, ...seconds].map((operation) => perform(call(operation))));
  expect(performed).toEqual(seconds);
  for (const answer of answers.slice(0, firsts.length)) {
    // Not a no, and never a reason to park.
    expect(answer).toMatchObject({ type: 'failed', code: 'RESOURCE_EXHAUSTED' });
    expect(isForGood({ code: 'RESOURCE_EXHAUSTED', message: '' })).toBe(false);
  }
});
