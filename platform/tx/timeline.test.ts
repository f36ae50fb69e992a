import { describe, expect, test } from '@jest/globals';
import { announce } from './act.ts';
import type { Transaction } from './api.ts';
import { createScreen } from './screen.ts';
import { table } from './table.ts';
import { span } from './text.ts';
import { timeline } from './timeline.ts';

const id = '019ab1c2-0000-7000-8000-000000000000';
const now_ms = Date.parse('2026-01-31T12:05:00Z');

const branch = { participant: 'order', action: 'confirm', kind: 'RETRIABLE', after: ['reserve'] };
const parked: Transaction = {
  transactionId: id,
  state: 'PARKED',
  branches: [
    { ...branch, name: 'reserve', participant: 'inventory', action: 'reserve', kind: 'RESERVED', after: [] },
    { ...branch, name: 'confirm' },
  ],
  createTime: '2026-01-31T12:00:00Z',
  decideTime: '2026-01-31T12:00:00.030Z',
  parkTime: '2026-01-31T12:00:04Z',
  deadline: '2026-01-31T12:00:10Z',
  decision: 'COMMIT',
  progress: [
    { stage: 'SETTLED', operation: 'CONFIRM', attempts: 0 },
    {
      stage: 'STUCK',
      operation: 'DELIVER',
      attempts: 20,
      error: { code: 'UNIMPLEMENTED', message: "there is no DELIVER of an action 'confirm' here" },
    },
  ],
  owner: '0',
  ownerAddress: '',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  acts: [
    {
      act: 'RETRY',
      operator: 'alice',
      reason: 'deployed it again',
      time: '2026-01-31T12:00:03Z',
      force: false,
      detail: '',
    },
  ],
};

test('a timeline tells what has happened, where it stands, and what can be done', () => {
  expect(timeline(parked, now_ms).split('\n')).toEqual([
    `${id}  PARKED  begun 5.0 min ago`,
    '',
    '  2026-01-31 12:00:00.000     +0 ms  begun, to be decided by 12:00:10.000',
    '  2026-01-31 12:00:00.030    +30 ms  decided: COMMIT',
    '  2026-01-31 12:00:03.000    +3.0 s  RETRY by alice: deployed it again',
    '  2026-01-31 12:00:04.000    +4.0 s  parked: it waits for a person',
    '',
    '  ✓ reserve                  inventory/reserve  reserved   CONFIRM done',
    "  ! confirm (after reserve)  order/confirm      retriable  DELIVER is stuck, asked 20 times, UNIMPLEMENTED: there is no DELIVER of an action 'confirm' here",
    '',
    '  driven by   nobody, until an operator acts',
    '  trace       0af7651916cd43dd8448eb211c80319c',
    '',
    'What can be done:',
    `  npx pnpm@10 tx retry ${id} --reason …   when what failed can work now`,
    `  npx pnpm@10 tx skip ${id} confirm --reason …   when somebody has done by hand what it asks`,
    `  npx pnpm@10 tx resolve ${id} --commit --reason …   when all that is left has been done by hand`,
  ]);
});

test('one that is under way says who drives it and what was asked when', () => {
  const { parkTime: _, ...rest } = parked;
  const progress = { ...parked.progress[1]!, stage: 'SENT' as const, sendTime: '2026-01-31T12:04:59Z' };
  const running = { ...rest, state: 'COMMITTING' as const, owner: '7', progress: [parked.progress[0]!, progress] };
  const text = timeline({ ...running, ownerAddress: '10.0.0.7:50051' }, now_ms);
  expect(text).toContain('DELIVER asked 20 times, last 1.0 s ago, UNIMPLEMENTED');
  expect(text).toContain('driven by   the coordinator of epoch 7, at 10.0.0.7:50051');
  expect(text).not.toContain('What can be done');
  expect(timeline(running, now_ms)).toContain('which is gone: it is about to be taken over');
});

test('a table has one line for each', () => {
  const { parkTime: _, ...rest } = parked;
  const aborted = { ...rest, state: 'ABORTED' as const, rejection: { code: 'OUT_OF_STOCK', message: 'none left' } };
  expect(table([parked, aborted], now_ms).split('\n')).toEqual([
    'ID                                    STATE    AGE      KINDS               PARTICIPANTS     WHY',
    `${id}  PARKED   5.0 min  reserved,retriable  inventory,order  confirm: DELIVER UNIMPLEMENTED: there is no DELIVER of an action 'confirm' here`,
    `${id}  ABORTED  5.0 min  reserved,retriable  inventory,order  OUT_OF_STOCK`,
  ]);
});

test('an act is announced, with a warning when it is forced', () => {
  expect(announce(parked, { type: 'skip', branch: 'confirm', force: false })).toBe(
    `${id} is PARKED, decided to COMMIT. The branch confirm (order/confirm) is taken for done, the rest goes on.`,
  );
  expect(announce(parked, { type: 'resolve', decision: 'ABORT', force: true })).toMatch(/ABORT.*half done/);
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1500, '1.5 s'],
  [59_000, '59 s'],
  [90_000, '1.5 min'],
  [36 * 3_600_000, '1.5 d'],
])('%i ms is %s', (time_ms, text) => {
  expect(span(time_ms)).toBe(text);
});

describe('a screen', () => {
  function drawn(isTTY: boolean, texts: readonly string[]): string {
    let written = '';
    const write = (text: string) => {
      written += text;
    };
    const screen = createScreen({ isTTY, rows: 2, write });
    for (const text of texts) screen.show(text);
    screen.end();
    return written;
  }

  test('is drawn over on a terminal, within its height, and left as it was', () => {
    const all = drawn(true, ['a\nb\nc', 'd']);
    expect(all).toBe('\x1b[?1049h\x1b[?25l\x1b[Ha\x1b[K\nb\x1b[K\x1b[J\x1b[Hd\x1b[K\x1b[J\x1b[?1049l\x1b[?25hd\n');
  });

  test('elsewhere only says what has changed', () => {
    expect(drawn(false, ['a', 'a', 'b'])).toBe('a\n\nb\n\n');
  });
});
