import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Fault, type FaultType, faultTypesOf, lengthOf_ms } from './faults.ts';
import { chooseClusterFault } from './kubernetes/choose.ts';
import { isClusterType } from './kubernetes/faults.ts';
import { chooseLocalFault } from './local/choose.ts';
import { schedule, victimOf } from './schedule.ts';

const replicas = ['gateway', 'coordinator-1', 'coordinator-2', 'order-1', 'inventory-1', 'payment-1'];
const leases = new Map([['coordinator', 15_000] as const]);
const chooser =
  (hasNetwork: boolean) =>
  (type: FaultType, random: () => number): Fault =>
    isClusterType(type)
      ? chooseClusterFault(type, random, leases)
      : chooseLocalFault(type, random, { replicas, hasNetwork });
const settings = { duration_ms: 600_000, every_ms: 2000, faults: faultTypesOf.local, choose: chooser(true) };

test('the same seed gives the same schedule, another one another', () => {
  const one = schedule({ ...settings, seed: 1 });
  expect(schedule({ ...settings, seed: 1 })).toEqual(one);
  expect(schedule({ ...settings, seed: 2 })).not.toEqual(one);
});

test.each([
  ['local', 2000],
  ['kubernetes', 10_000],
] as const)('every type has its turn, every few seconds: %s', (place, every_ms) => {
  const duration_ms = 600 * every_ms;
  const planned = schedule({ ...settings, faults: faultTypesOf[place], every_ms, duration_ms, seed: 3 });
  expect(new Set(planned.map(({ fault }) => fault.type))).toEqual(new Set(faultTypesOf[place]));
  expect(planned.length).toBeGreaterThan(0.9 * 600);
});

test.each(['local', 'kubernetes'] as const)(
  'all faults are of those asked for, over in time, and none hits the victim of another one: %s',
  (place) => {
    const some = fc.subarray<FaultType>([...faultTypesOf[place]], { minLength: 1 });
    const property = (seed: number, faults: readonly FaultType[], hasNetwork: boolean) => {
      const planned = schedule({ ...settings, duration_ms: 60_000, seed, faults, choose: chooser(hasNetwork) });
      for (const [index, { at_ms, fault }] of planned.entries()) {
        expect(faults).toContain(fault.type);
        expect(at_ms + lengthOf_ms(fault)).toBeLessThanOrEqual(60_000);
        if (!hasNetwork && fault.type === 'db-slow') expect(fault.by.type).toBe('locks');
        const later = planned.slice(index + 1).filter((other) => victimOf(other.fault) === victimOf(fault));
        for (const other of later) expect(other.at_ms).toBeGreaterThan(at_ms + lengthOf_ms(fault));
      }
    };
    fc.assert(fc.property(fc.integer(), some, fc.boolean(), property), { numRuns: 50 });
  },
);
