import { describe, expect, test } from '@jest/globals';
import { cancellation, checkout } from './checkout.ts';
import { type Line, modes, type Priced } from './order.ts';

const eur = (amount: bigint) => ({ amount, currency: 'EUR' });
const priced: Priced = {
  accountId: 'ann',
  mode: 'SAGA',
  lines: [
    { sku: 'tea', quantity: 4, unitPrice: eur(250n), shard: 0 },
    { sku: 'cup', quantity: 2, unitPrice: eur(1999n), shard: 0 },
  ],
  total: eur(4998n),
};
const lines = [
  { sku: 'tea', quantity: 4, unitPrice: { amount: '250', currency: 'EUR' } },
  { sku: 'cup', quantity: 2, unitPrice: { amount: '1999', currency: 'EUR' } },
];
const total = { amount: '4998', currency: 'EUR' };

const confirmed = {
  ...priced,
  orderId: '019ab000-0000-7000-8000-000000000001',
  status: 'CONFIRMED' as const,
  cancellations: 0,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};

const skuOf = ({ sku }: { sku: string }) => sku;
const parsed = (branches: ReturnType<typeof checkout>) =>
  branches.map(({ payload, ...branch }) => ({ ...branch, payload: JSON.parse(payload as string) }));

describe('a checkout', () => {
  test.each([
    ['SAGA', 'COMPENSATABLE', 'create'],
    ['TCC', 'RESERVED', 'create'],
    ['TWO_PHASE', 'PREPARED', 'charge'],
  ] as const)('as %s takes stock and money as %s branches, the stock after %s', (mode, kind, before) => {
    expect(parsed(checkout({ ...priced, mode }))).toEqual([
      {
        name: 'create',
        participant: 'order',
        action: 'create',
        kind: 'COMPENSATABLE',
        after: [],
        payload: { accountId: 'ann', mode, lines, total },
      },
      { name: 'reserve', participant: 'inventory', action: 'reserve', kind, after: [before], payload: { lines } },
      {
        name: 'charge',
        participant: 'payment',
        action: 'charge',
        kind,
        after: ['create'],
        payload: { accountId: 'ann', amount: total },
      },
      {
        name: 'confirm',
        participant: 'order',
        action: 'confirm',
        kind: 'RETRIABLE',
        after: ['reserve', 'charge'],
        payload: {},
      },
    ]);
  });

  test.each([
    ['SAGA', ['create', 'create', 'create']],
    ['TCC', ['create', 'create', 'create']],
    ['TWO_PHASE', ['charge', 'reserve', 'reserve-1']],
  ] as const)('as %s has a branch for each shard, after %s', (mode, after) => {
    const [tea, cup] = priced.lines as [Line, Line];
    const spread = [{ ...tea, shard: 2 }, { ...cup, sku: 'pot', shard: 1 }, cup, { ...tea, sku: 'mug', shard: 2 }];
    const branches = parsed(checkout({ ...priced, lines: spread, mode }));
    const reserves = branches.filter(({ action }) => action === 'reserve');
    const short = (one: (typeof branches)[number]) => [one.name, one.payload.shard, one.payload.lines.map(skuOf)];
    expect(reserves.map(short)).toEqual([
      ['reserve', undefined, ['cup']],
      ['reserve-1', 1, ['pot']],
      ['reserve-2', 2, ['tea', 'mug']],
    ]);
    expect(reserves.map((one) => one.after)).toEqual(after.map((name) => [name]));
    expect(branches.at(-1)?.after).toEqual(['reserve', 'reserve-1', 'reserve-2', 'charge']);
    expect(branches[0]?.payload.lines.map(({ shard }: { shard?: number }) => shard)).toEqual([2, 1, undefined, 2]);

    const returns = parsed(cancellation({ ...confirmed, lines: spread })).filter(({ action }) => action === 'return');
    expect(returns.map(short)).toEqual([
      ['return', undefined, ['cup']],
      ['return-1', 1, ['pot']],
      ['return-2', 2, ['tea', 'mug']],
    ]);
  });

  test('has a kind for every mode', () => {
    for (const mode of modes) for (const { kind } of checkout({ ...priced, mode })) expect(kind).toBeDefined();
  });
});

test('a cancellation marks the order before it gives anything back', () => {
  const { orderId } = confirmed;
  expect(parsed(cancellation(confirmed))).toEqual([
    {
      name: 'begin',
      participant: 'order',
      action: 'begin-cancel',
      kind: 'COMPENSATABLE',
      after: [],
      payload: { orderId },
    },
    {
      name: 'return',
      participant: 'inventory',
      action: 'return',
      kind: 'RETRIABLE',
      after: ['begin'],
      payload: { orderId, lines: [{ sku: 'tea' }, { sku: 'cup' }] },
    },
    {
      name: 'refund',
      participant: 'payment',
      action: 'refund',
      kind: 'RETRIABLE',
      after: ['begin'],
      payload: { orderId, accountId: 'ann', amount: total },
    },
    {
      name: 'finish',
      participant: 'order',
      action: 'finish-cancel',
      kind: 'RETRIABLE',
      after: ['return', 'refund'],
      payload: { orderId },
    },
  ]);
});
