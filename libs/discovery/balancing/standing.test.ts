import { connectivityState as State } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blameless } from './conduct.ts';
import { chooseFrom, type Known, standingOf } from './standing.ts';

const NOW = 1_000;
const known: fc.Arbitrary<Known> = fc.record({
  connectivity: fc.constantFrom(State.IDLE, State.CONNECTING, State.READY, State.TRANSIENT_FAILURE),
  health: fc.constantFrom(true, false, undefined),
  conduct: fc.nat(2 * NOW).map((ejectedUntil_ms) => ({ ...blameless(), ejectedUntil_ms })),
});
const endpoints = fc.array(known, { maxLength: 12 });
const isConnected = (one: Known) => one.connectivity === State.READY && one.health !== undefined;
const share = fc.double({ min: 0, max: 1, noNaN: true });

test('who is not fit is never called while enough others are', () => {
  fc.assert(
    fc.property(endpoints, share, (all, panicShare) => {
      const { candidates, isPanic } = chooseFrom(all, panicShare, NOW);
      const fit = all.filter((one) => standingOf(one, NOW) === 'fit');
      if (fit.length > 0 && fit.length >= panicShare * all.filter(isConnected).length) {
        expect(candidates).toEqual(fit);
        expect(isPanic).toBe(false);
      }
    }),
  );
});

test('all that are connected are called when too few are fit', () => {
  fc.assert(
    fc.property(endpoints, share, (all, panicShare) => {
      const { candidates, isPanic } = chooseFrom(all, panicShare, NOW);
      if (isPanic) expect(new Set(candidates)).toEqual(new Set(all.filter(isConnected)));
      else for (const one of candidates) expect(standingOf(one, NOW)).toBe('fit');
    }),
  );
});

test('none is called that has no connection, and one that has is called unless it is waited for', () => {
  fc.assert(
    fc.property(endpoints, share, (all, panicShare) => {
      const { candidates } = chooseFrom(all, panicShare, NOW);
      expect(candidates.every(isConnected)).toBe(true);
      const isAwaited = all.some((one) => standingOf(one, NOW) === 'checking');
      if (all.some(isConnected) && !isAwaited) expect(candidates.length).toBeGreaterThan(0);
    }),
  );
});
