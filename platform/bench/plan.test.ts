import { expect, test } from '@jest/globals';
import { evaluate, plan } from './plan.ts';

test('reference and modes take turns', () => {
  const cells = plan({ clients: [1], modes: ['SAGA', 'TCC'], rounds: 2 });
  const turn = ['reference', 'SAGA', 'TCC'];
  expect(cells.map(({ subject }) => subject)).toEqual([...turn, ...turn, ...turn, ...turn]);
  expect(cells.map(({ round }) => round)).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1]);
});

test('a ratio is the median of what each round compares', () => {
  const rates = [
    { reference: 100, SAGA: 50 },
    { reference: 10, SAGA: 8 },
    { reference: 1000, SAGA: 600 },
  ];
  const samples = rates.flatMap((rate, round) =>
    (['reference', 'SAGA'] as const).map((subject) => ({
      scenario: 'hot' as const,
      clients: 16,
      subject,
      round,
      perSecond: rate[subject],
      p50_ms: 1,
      p99_ms: 2,
      rejected: round,
      failed: 0,
    })),
  );
  const [reference, saga] = evaluate(samples);
  expect(reference).toMatchObject({ perSecond: 100, ratio: 1 });
  expect(saga).toMatchObject({ perSecond: 50, ratio: 0.6, rejected: 3 });
});

test('of an even number of rounds the median is between the middle two', () => {
  const sample = (round: number, perSecond: number) => ({
    scenario: 'hot' as const,
    clients: 1,
    subject: 'reference' as const,
    round,
    perSecond,
    p50_ms: 1,
    p99_ms: 1,
    rejected: 0,
    failed: 0,
  });
  expect(evaluate([sample(0, 10), sample(1, 20)])[0]?.perSecond).toBe(15);
});
