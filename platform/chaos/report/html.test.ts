import { expect, test } from '@jest/globals';
import type { Experiment } from '../experiment.ts';
import { type FaultType, faultTypesOf } from '../faults.ts';
import { chooseClusterFault } from '../kubernetes/choose.ts';
import { isClusterType } from '../kubernetes/faults.ts';
import { chooseLocalFault } from '../local/choose.ts';
import { schedule } from '../schedule.ts';
import { toHtml } from './html.ts';
import { evaluate } from './report.ts';
import { describeChaos } from './summary.ts';

const replicas = ['gateway', 'coordinator-1', 'order-1', 'inventory-1', 'payment-1'];
const faults = [...faultTypesOf.local, ...faultTypesOf.kubernetes];
const leases = new Map([['order', 15_000] as const]);
const choose = (type: FaultType, random: () => number) =>
  isClusterType(type)
    ? chooseClusterFault(type, random, leases)
    : chooseLocalFault(type, random, { replicas, hasNetwork: true });
const plan = { seed: 1, duration_ms: 60_000, every_ms: 2000, faults, choose };
const latency_ms = { p50: 40, p90: 60, p99: 200, p999: 400, max: 500 };
const quiet = { open: 1, oldestOpen_s: 0.1, prepared: 0, oldestPrepared_s: 2.5 };

/** A minute of faults, of which the last one didn't come about, and an order that was never answered. */
const experiment: Experiment = {
  timeline: {
    orders: Array.from({ length: 1500 }, (_, index) => {
      const scheduled_ms = index * 50;
      if (index === 1200) return { scheduled_ms };
      return {
        scheduled_ms,
        answered_ms: scheduled_ms + 40,
        outcome: index % 20 ? 'confirmed' : 'rejected',
        retries: index % 500 === 7 ? 1 : 0,
      } as const;
    }),
    faults: schedule(plan).map(({ at_ms, fault }, index, all) => {
      const begun_ms = 5000 + at_ms;
      return {
        fault,
        begun_ms,
        ...(index < all.length - 1 ? { healed_ms: begun_ms + 1000 } : { error: 'it is gone' }),
        ...(isClusterType(fault.type) && { victim: 'pod <1>', ready_ms: begun_ms + 5000 }),
      };
    }),
    backlog: Array.from({ length: 150 }, (_, index) => ({ at_ms: index * 500, ...(index % 7 && { progress: quiet }) })),
    misses_ms: [7000, 7100, 30_000],
    calm_ms: 5000,
    end_ms: 75_000,
  },
  summary: {
    orders: 1500,
    confirmed: 1424,
    rejected: 75,
    failed: 0,
    unanswered: 1,
    retriedOrders: 2,
    retries: 3,
    failedAtFirst: 3,
    reasons: { '503 <b>': 1 },
    latency_ms,
  },
  settled: { orders: 1, transactions: 0, prepared: 0 },
  verdict: {
    passed: false,
    enough: true,
    violations: [{ invariant: 'stock', subject: '<script>', seen: '-1 & less', expected: '"0"', lines: ['h:7'] }],
    counts: { orders: 1500 },
  },
};
const report = evaluate(experiment, {
  clean: false,
  begun: '2026-01-02T03:04:05.678Z',
  settings: {
    seed: 1,
    duration_s: 60,
    every_s: 2,
    settled_s: 10,
    faults,
    rate: 20,
    mode: 'mixed',
    platform: { type: 'own', replicas: 2, coordinatorShards: 1, inventoryShards: 2 },
  },
  missing: {},
  deaths: [{ at_ms: 1, replica: 'order-1', cause: 'killed by SIGKILL' }],
});

test('a report has a row for each type and each fault, and a point for each second', () => {
  expect(report.types.reduce((sum, { happened, skipped }) => sum + happened + skipped, 0)).toBe(report.faults.length);
  expect(report.types.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(1);
  expect(report.series.points.length).toBe(75);
  expect(report.oldestPrepared_s).toBe(2.5);
  expect(report.during).toEqual({ p50_ms: 40, p99_ms: 40 });
});

test('its page is complete in itself, and what comes from elsewhere is text in it', () => {
  const page = toHtml(report);
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain('Not clean');
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain(
    'pnpm chaos --replicas 2 --inventory-shards 2 --seed 1 --duration 60 --every 2 --settled 10 --rate 20 --mode mixed',
  );
  expect(page).not.toMatch(/undefined|NaN|Infinity|<script|<link|src=|href=/);
  for (const tag of ['svg', 'g', 'text', 'table', 'tr', 'td', 'div', 'p']) {
    const count = (pattern: string) => page.match(new RegExp(pattern, 'g'))?.length;
    expect(count(`<${tag}[ >]`)).toBe(count(`</${tag}>`));
  }
});

test('the terminal says the same in short', () => {
  const text = describeChaos(report, 'chaos-report');
  expect(text).toContain('1 orders of before are not answered');
  expect(text).toContain('stock: <script>: -1 & less');
  expect(text).toContain('1 (0.067 %) after retries, 3 (0.200 %) without any');
  expect(text).toContain('ready again within 5.0 s');
  expect(text).toContain('Not clean.');
  expect(text).not.toMatch(/undefined|NaN/);
});
