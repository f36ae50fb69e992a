import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clientAddress, parseProxies } from './address.ts';
import { rateOf, remaining, take, wait_ms } from './gcra.ts';
import { createLimiter } from './limiter.ts';
import { createMemory } from './memory.ts';

/** A clock that a test sets. */
function clock() {
  let now = 1_000_000;
  return { now_us: () => now, pass: (us: number) => (now += us) };
}

describe('the rate', () => {
  test('is what comes in a second at once, unless it is said otherwise', () => {
    expect(rateOf(3)).toEqual({ interval_us: 333_333, burst: 3 });
    expect(rateOf(0.5)).toEqual({ interval_us: 2_000_000, burst: 1 });
    expect(rateOf(10, 50)).toEqual({ interval_us: 100_000, burst: 50 });
  });

  test('says how many are left, and when the next one is', () => {
    const rate = rateOf(2, 3);
    let verdict = take(0, rate);
    const left = [remaining(verdict, rate)];
    for (let count = 0; count < 2; count++) {
      verdict = take(verdict.ahead_us, rate);
      left.push(remaining(verdict, rate));
    }
    expect([left, wait_ms(verdict, rate)]).toEqual([[2, 1, 0], 500]);
    expect(take(verdict.ahead_us - 499_999, rate).allowed).toBe(false);
    expect(take(verdict.ahead_us - 500_000, rate).allowed).toBe(true);
  });

  // A bucket of tokens, each of which takes an interval to grow: exact, in intervals' parts.
  const gaps = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 100 });
  const rates = fc.record({
    interval_us: fc.integer({ min: 1, max: 1_000_000 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });

  test('is that of a bucket of tokens', () => {
    fc.assert(
      fc.property(rates, gaps, (rate, gaps) => {
        const full = rate.burst * rate.interval_us;
        let [tokens, ahead_us] = [full, 0];
        for (const gap_us of gaps) {
          tokens = Math.min(full, tokens + gap_us);
          const allowed = tokens >= rate.interval_us;
          if (allowed) tokens -= rate.interval_us;
          const verdict = take(Math.max(0, ahead_us - gap_us), rate);
          expect(verdict.allowed).toBe(allowed);
          expect(remaining(verdict, rate)).toBe(Math.floor(tokens / rate.interval_us));
          ahead_us = verdict.ahead_us;
        }
      }),
    );
  });
});

describe('the memory', () => {
  test('has a size, and forgets who came first', () => {
    const memory = createMemory(3);
    for (const client of ['a', 'b', 'c', 'a', 'd']) memory.remember(client, 1_000, 0);
    expect(memory.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((client) => memory.ahead_us(client, 0))).toEqual([1_000, 0, 1_000, 1_000]);
  });

  test('keeps nobody who is not ahead any more, and goes back for nobody', () => {
    const memory = createMemory(100);
    for (let client = 0; client < 50; client++) memory.remember(`${client}`, 1_000, 0);
    memory.remember('a', 5_000, 0);
    memory.remember('a', 1_000, 500);
    expect(memory.ahead_us('a', 1_000)).toBe(4_000);
    for (let count = 0; count < 50; count++) memory.remember('a', 1, 2_000);
    expect(memory.size).toBe(1);
  });
});

describe('the limit of one replica', () => {
  test('is that of each client', async () => {
    const { now_us, pass } = clock();
    const limiter = createLimiter({ rate: rateOf(1, 2), now_us });
    const allowed = async (client: string) => (await limiter(client)).allowed;
    expect([await allowed('a'), await allowed('a'), await allowed('a'), await allowed('b')]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    pass(1_000_000);
    expect([await allowed('a'), await allowed('a')]).toEqual([true, false]);
  });

  test('goes on from what all replicas had counted, when they have nothing in common any more', async () => {
    const { now_us } = clock();
    const rate = rateOf(1, 3);
    const answers = [{ allowed: true, ahead_us: 2_000_000 }];
    const limiter = createLimiter({ rate, now_us, shared: async () => answers.shift() });
    const verdicts = [await limiter('a'), await limiter('a'), await limiter('a')];
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, false]);
  });

  test('asks about nobody of whom it knows that it is too much', async () => {
    const { now_us, pass } = clock();
    let asked = 0;
    const shared = async () => {
      asked++;
      return { allowed: false, ahead_us: 1_000_000 };
    };
    const limiter = createLimiter({ rate: rateOf(1, 1), now_us, shared });
    for (let count = 0; count < 10; count++) expect((await limiter('a')).allowed).toBe(false);
    expect(asked).toBe(1);
    pass(1_000_000);
    await limiter('a');
    expect(asked).toBe(2);
  });
});

describe('the address', () => {
  const isTrusted = parseProxies('10.0.0.0/8, 192.168.1.1, fd00::/8')!;
  const from = (peer: string, forwardedFor?: string) => clientAddress(peer, forwardedFor, isTrusted);

  test('is that of the connection, unless that is a trusted proxy’s', () => {
    expect(from('1.2.3.4')).toBe('1.2.3.4');
    expect(from('::ffff:1.2.3.4')).toBe('1.2.3.4');
    expect(from('1.2.3.4', '5.6.7.8')).toBe('1.2.3.4');
    expect(from('10.0.0.1')).toBe('10.0.0.1');
    expect(from('::ffff:10.0.0.1', '5.6.7.8')).toBe('5.6.7.8');
    expect(from('fd00::1', '5.6.7.8')).toBe('5.6.7.8');
  });

  test('is the last that no trusted proxy has', () => {
    expect(from('10.0.0.1', '9.9.9.9, 5.6.7.8, 192.168.1.1,10.2.3.4')).toBe('5.6.7.8');
    expect(from('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
    expect(from('10.0.0.1', '9.9.9.9, nonsense')).toBe('10.0.0.1');
    expect(from('10.0.0.1', '5.6.7.8:4711')).toBe('5.6.7.8');
    expect(from('nowhere', '5.6.7.8')).toBe('nowhere');
  });

  test('is the network, of IPv6', () => {
    expect(from('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(from('2001:0DB8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(from('2001:db8:1:2::')).toBe('2001:db8:1:2::/64');
    expect(from('1::3:4:5:6:7:8')).toBe('1:0:3:4::/64');
    expect(from('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(from('::1')).toBe('0:0:0:0::/64');
    expect(from('10.0.0.1', '[2001:db8::1]:80')).toBe('2001:db8:0:0::/64');
    expect(from('64:ff9b::1.2.3.4')).toBe('64:ff9b:0:0::/64');
  });

  test('never throws, whatever was sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.string()), fc.string(), (one, other) => {
        expect(typeof from('10.0.0.1', `${other},${one}`)).toBe('string');
        expect(typeof from(one, other)).toBe('string');
      }),
    );
  });

  test.each(['', 'a', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '10.0.0.0/8/8', '::/129', '10.0.0.1,'])(
    '%j are no proxies',
    (text) => {
      expect(parseProxies(text)).toBeUndefined();
    },
  );
});
