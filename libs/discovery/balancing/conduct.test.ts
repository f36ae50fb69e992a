import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blameless, type Conduct, eject, failing, isEjected, mostOut, nextInterval, note, slow } from './conduct.ts';
import { parseSettings } from './settings.ts';
import type { Verdict } from './verdict.ts';

const settings = parseSettings({}).ejection!;

/** Of so many calls by verdict, in this order. */
function after(...calls: [Verdict, number, latency_ms?: number][]): Conduct {
  const conduct = blameless();
  for (const [verdict, count, latency_ms = 5] of calls) {
    for (let call = 0; call < count; call++) note(conduct, verdict, latency_ms);
  }
  return conduct;
}

const good = after(['fine', 100]);

describe('an endpoint is left out', () => {
  test('after five errors in a row, when most of the others are fine', () => {
    const bad = after(['fine', 1_000], ['sick', 5]);
    expect(failing(bad, [good], settings)).toBe('5 errors in a row');
    expect(failing(after(['fine', 1_000], ['sick', 4]), [good], settings)).toBeUndefined();
    expect(failing(after(['sick', 4], ['fine', 100], ['sick', 4]), [good], settings)).toBeUndefined();
    expect(failing(bad, [bad, bad, good], settings)).toBeUndefined();
    expect(failing(bad, [bad, good, good], settings)).toBeDefined();
  });

  test('not when nothing is known of the others', () => {
    const bad = after(['sick', 50]);
    expect(failing(bad, [], settings)).toBeUndefined();
    expect(failing(bad, [blameless(), blameless()], settings)).toBeUndefined();
  });

  test('when it fails more than twice as often as the others', () => {
    const bad = after(['sick', 30], ['fine', 70]);
    expect(failing(bad, [good, good], settings)).toBe('30 % of its calls failed');
    expect(failing(bad, [after(['sick', 16], ['fine', 84])], settings)).toBeUndefined();
    expect(failing(after(['sick', 10], ['fine', 90]), [good], settings)).toBeUndefined();
    expect(failing(after(['sick', 1], ['fine', 3]), [good], settings)).toBeUndefined();
  });

  test('when it is five times as slow as the median of the others, and that can be noticed', () => {
    const taking = (latency_ms: number, calls = 10) => after(['fine', calls, latency_ms]);
    expect(slow(taking(100), [taking(5), taking(6), taking(90)], settings)).toContain('100 ms, those of others 6 ms');
    expect(slow(taking(25), [taking(4)], settings)).toBeUndefined();
    expect(slow(taking(100), [taking(30)], settings)).toBeUndefined();
    expect(slow(taking(100, 9), [taking(5)], settings)).toBeUndefined();
    expect(slow(taking(100), [taking(5, 9)], settings)).toBeUndefined();
  });

  test('not for load that it sheds, for calls that were cancelled, or for streams', () => {
    const busy = after(['busy', 100], ['unknown', 100], ['fine', 20, 60_000]);
    expect(failing(busy, [good], settings)).toBeUndefined();
    expect(slow(busy, [good], settings)).toBeUndefined();
    // They don't tell either that it is well.
    expect(after(['sick', 3], ['busy', 1], ['sick', 2]).failuresInRow).toBe(5);
  });

  test('never by a rule that its equal passes', () => {
    const count = fc.nat(100);
    const conduct = fc.record({ fine: count, sick: count, latency_ms: fc.nat(1_000) });
    fc.assert(
      fc.property(conduct, fc.integer({ min: 1, max: 5 }), ({ fine, sick, latency_ms }, others) => {
        const make = () => after(['fine', fine, latency_ms], ['sick', sick]);
        const same = Array.from({ length: others }, make);
        expect(failing(make(), same, settings)).toBeUndefined();
        expect(slow(make(), same, settings)).toBeUndefined();
      }),
    );
  });
});

describe('it is out', () => {
  test('for longer each time, up to a limit', () => {
    const conduct = blameless();
    const times = Array.from({ length: 40 }, () => eject(conduct, settings, 0));
    expect(times.slice(0, 3)).toEqual([10_000, 20_000, 30_000]);
    expect(times.at(-1)).toBe(300_000);
    expect(isEjected(conduct, 299_999)).toBe(true);
    expect(isEjected(conduct, 300_000)).toBe(false);
  });

  test('again after one failure more, unless it did something right first', () => {
    const conduct = blameless();
    eject(conduct, settings, 0);
    note(conduct, 'sick', 5);
    expect(failing(conduct, [good], settings)).toBeDefined();
    eject(conduct, settings, 0);
    note(conduct, 'fine', 5);
    note(conduct, 'sick', 5);
    expect(failing(conduct, [good], settings)).toBeUndefined();
  });

  test('less long after good intervals', () => {
    const conduct = blameless();
    for (let time = 0; time < 3; time++) eject(conduct, settings, 0);
    note(conduct, 'fine', 5);
    nextInterval(conduct, 20_000);
    expect(conduct.ejections).toBe(3);
    nextInterval(conduct, 30_000);
    // Without calls it has shown nothing.
    nextInterval(conduct, 40_000);
    note(conduct, 'fine', 5);
    nextInterval(conduct, 50_000);
    expect(conduct.ejections).toBe(1);
  });

  test('with at most a share of the connected ones, and never with all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, maxShare) => {
        const most = mostOut(count, { ...settings, maxShare });
        expect(most).toBeLessThan(count);
        expect(most).toBeLessThanOrEqual(count * maxShare);
      }),
    );
  });
});

test('what was counted weighs half as much with every interval', () => {
  const conduct = after(['fine', 40, 100], ['sick', 20]);
  nextInterval(conduct, 0);
  expect(conduct).toMatchObject({ calls: 30, failures: 10, timed: 20, latencies_ms: 2_000, failuresInRow: 20 });
});
