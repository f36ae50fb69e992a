import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type FaultType, faultTypes, lengthOf_ms } from './faults.ts';
import { schedule, victimOf } from './schedule.ts';

const replicas = ['gateway', 'coordinator-1', 'coordinator-2', 'order-1', 'inventory-1', 'payment-1'];
const settings = { duration_ms: 600_000, every_ms: 2000, faults: faultTypes, replicas, hasNetwork: true };

test('the same seed gives the same schedule, another one another', () => {
  const one = schedule({ ...settings, seed: 1 });
  expect(schedule({ ...settings, seed: 1 })).toEqual(one);
  expect(schedule({ ...settings, seed: 2 })).not.toEqual(one);
});

test('every type has its turn, every few seconds', () => {
  const planned = schedule({ ...settings, seed: 3 });
  expect(new Set(planned.map(({ fault }) => fault.type))).toEqual(new Set(faultTypes));
  expect(planned.length).toBeGreaterThan(0.9 * (settings.duration_ms / settings.every_ms));
});

test('all faults are of those asked for, over in time, and none hits the victim of another one', () => {
  const some = fc.subarray<FaultType>([...faultTypes], { minLength: 1 });
  const property = (seed: number, faults: readonly FaultType[], hasNetwork: boolean) => {
    const planned = schedule({ ...settings, duration_ms: 60_000, seed, faults, hasNetwork });
    for (const [index, { at_ms, fault }] of planned.entries()) {
      expect(faults).toContain(fault.type);
      expect(at_ms + lengthOf_ms(fault)).toBeLessThanOrEqual(60_000);
      if (!hasNetwork && fault.type === 'db-slow') expect(fault.by.type).toBe('locks');
      const later = planned.slice(index + 1).filter((other) => victimOf(other.fault) === victimOf(fault));
      for (const other of later) expect(other.at_ms).toBeGreaterThan(at_ms + lengthOf_ms(fault));
    }
  };
  fc.assert(fc.property(fc.integer(), some, fc.boolean(), property), { numRuns: 50 });
});
