// The account of all replicas, in Redis.
import { gauge, type Logger } from '@assent/telemetry';
import { Redis, type Result } from 'ioredis';
import type { Rate, Verdict } from './gcra.ts';
import type { Shared } from './limiter.ts';

export interface SharedOptions {
  readonly url: string;
  /** How long a request may wait for Redis. */
  readonly timeout_ms: number;
  readonly log: Logger;
}

// `take` of gcra.ts, by the clock of Redis. Its answer says how far the client is ahead, not until when: nobody else's clock counts.
// What reaches further ahead than it may was written at another rate, or before that clock was set, and doesn't count.
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, full = tonumber(ARGV[1]), ARGV[1] * ARGV[2]
local ahead = (tonumber(redis.call('GET', KEYS[1])) or now) - now
if ahead < 0 or ahead > full then ahead = 0 end
local used = ahead + interval
if used > full then return {0, ahead} end
redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
return {1, used}`;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    takeOne(key: string, interval_us: number, burst: number): Result<[allowed: number, ahead_us: number], Context>;
  }
}

/** Answers that don't come in time in a row, after which Redis isn't asked for a while. */
const patience = 5;
const pause_ms = 1000;
/** Questions at a time; who comes when there are more isn't put to Redis. */
const most = 1000;
const reconnect = { base_ms: 100, cap_ms: 5000 };

const available = gauge(
  'assent_rate_limit_shared',
  'Whether replicas share the limit per client: 0 while Redis is away.',
  [],
);

/** Connects, and again whenever it has to. Being without Redis is one warning, not an error. */
export function openShared({ url, timeout_ms, log }: SharedOptions): { take: Shared; close(): void } {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    disconnectTimeout: 100,
    // Of a connection on which nothing comes back any more.
    socketTimeout: pause_ms,
    retryStrategy: (times) => Math.random() * Math.min(reconnect.cap_ms, reconnect.base_ms * 2 ** Math.min(times, 10)),
    scripts: { takeOne: { lua: script, numberOfKeys: 1 } },
  });
  const health = watchHealth(log);
  redis.on('error', (error: Error) => health.failed(error.message, patience)).on('ready', health.answered);
  const unwatch = available.watch(() => [{ labels: {}, value: redis.status === 'ready' && health.isGood() ? 1 : 0 }]);
  let asking = 0;
  const ask = async (client: string, { interval_us, burst }: Rate): Promise<Verdict> => {
    asking++;
    try {
      const [allowed, ahead_us] = await redis.takeOne(`assent:limit:${client}`, interval_us, burst);
      return { allowed: allowed === 1, ahead_us };
    } finally {
      asking--;
    }
  };
  return {
    async take(client, rate) {
      if (redis.status !== 'ready' || asking >= most || health.isPausing()) return undefined;
      try {
        const verdict = await within(timeout_ms, ask(client, rate));
        health.answered();
        return verdict;
      } catch (error) {
        health.failed((error as Error).message);
        return undefined;
      }
    },
    close() {
      unwatch();
      redis.disconnect();
    },
  };
}

function watchHealth(log: Logger) {
  let failures = 0;
  let pauseEnd_ms = 0;
  let isWarned = false;
  return {
    isGood: () => failures < patience,
    isPausing: () => performance.now() < pauseEnd_ms,
    answered() {
      failures = 0;
      if (isWarned) log.info('Redis answers: replicas share the limit on requests per client again');
      isWarned = false;
    },
    failed(why: string, weight = 1) {
      failures += weight;
      if (failures < patience) return;
      pauseEnd_ms = performance.now() + pause_ms;
      if (!isWarned)
        log.warn({ why }, 'Redis does not answer: this replica limits requests per client by itself (REDIS_URL)');
      isWarned = true;
    },
  };
}

/** Commands that are not answered in time are not waited for; the connection is dropped when none is. */
async function within<T>(timeout_ms: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeout_ms} ms`)), timeout_ms);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
