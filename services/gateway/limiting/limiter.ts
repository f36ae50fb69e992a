// The limit on requests per client. All replicas share it by Redis; while that doesn't answer, each limits by itself.
import { counter } from '@assent/telemetry';
import { type Rate, take, type Verdict } from './gcra.ts';
import { createMemory, type Memory } from './memory.ts';

export type Limiter = (client: string) => Promise<Verdict>;

/** The account that replicas have in common; undefined when it doesn't answer in time. */
export type Shared = (client: string, rate: Rate) => Promise<Verdict | undefined>;

export interface LimiterOptions {
  readonly rate: Rate;
  readonly shared?: Shared | undefined;
  readonly memory?: Memory;
  readonly now_us?: () => number;
}

const mostClients = 100_000;

const requests = counter(
  'assent_rate_limit_requests_total',
  'Requests that the limit per client was asked about: what it said, and who counted, all replicas or this one alone.',
  ['verdict', 'by'],
);

export function createLimiter({
  rate,
  shared = async () => undefined,
  memory = createMemory(mostClients),
  now_us = monotonic_us,
}: LimiterOptions): Limiter {
  const byMyself = (client: string, now: number): Verdict => {
    const verdict = take(memory.ahead_us(client, now), rate);
    if (verdict.allowed) memory.remember(client, verdict.ahead_us, now);
    return verdict;
  };
  const decide = async (client: string): Promise<[Verdict, 'all' | 'one']> => {
    const now = now_us();
    // Nobody is less far ahead than is known here. So a flood doesn't reach Redis.
    const known = take(memory.ahead_us(client, now), rate);
    if (!known.allowed) return [known, 'one'];
    const verdict = await shared(client, rate);
    if (!verdict) return [byMyself(client, now_us()), 'one'];
    memory.remember(client, verdict.ahead_us, now);
    return [verdict, 'all'];
  };
  return async (client) => {
    const [verdict, by] = await decide(client);
    requests.labels(verdict.allowed ? 'allowed' : 'refused', by).inc();
    return verdict;
  };
}

function monotonic_us(): number {
  return Math.floor(performance.now() * 1000);
}
