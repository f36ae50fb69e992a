import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@assent/telemetry';
import { eventually } from '@assent/testing';
import { expect, test } from '@jest/globals';
import { createLog } from './log.ts';
import type { LogBatch, Store } from './store/index.ts';

const change = (transactionId: string) =>
  ({ transactionId, record: { state: 'COMMITTED', results: {}, omitted: [] } }) as const;

test('an end is written however long the batch before it took', async () => {
  const ended: string[] = [];
  const write = async (_: bigint, { ends, decisions }: LogBatch) => {
    // Longer than ends wait for company.
    if (decisions.length > 0) await sleep(80);
    ended.push(...ends.map(({ transactionId }) => transactionId));
    return { owner: true, transactionIds: new Set(decisions.map(({ transactionId }) => transactionId)) };
  };
  const log = createLog({ write } as Partial<Store> as Store, 1n, createLogger({ service: 'test', level: 'silent' }));
  const decided = log.decide(change('a'));
  await sleep(20);
  log.end(change('b'));
  expect(await decided).toBe('written');
  await eventually(() => expect(ended).toEqual(['b']));
  log.end(change('c'));
  await eventually(() => expect(ended).toEqual(['b', 'c']));
});
