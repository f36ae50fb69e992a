import { promises as dns, type LookupAddress, type SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import type { EndpointAddress, EndpointListener, EndpointSource } from '../endpoints.ts';
import { type Backoff, backoff, pause, spread } from './pacing.ts';

/** What to ask for. */
export interface DnsName {
  /** A host, or with SRV records a service, such as `_grpc._tcp.inventory.shop.svc.cluster.local`. */
  readonly name: string;
  /** Of all its addresses; undefined means SRV records, which say it themselves. */
  readonly port: number | undefined;
  /** The name server to ask, `address` or `address:port`; undefined for what the machine is set up with. */
  readonly server: string | undefined;
}

/** How often it looks. */
export interface DnsPace extends Backoff {
  /** At the latest; in fact after half of it to all of it, by chance. */
  readonly every_ms: number;
  /** Connections that fail make it look sooner, but not sooner than this. */
  readonly soonest_ms: number;
}

const PACE: DnsPace = { every_ms: 30_000, soonest_ms: 1_000, base_ms: 1_000, cap_ms: 30_000 };
/** For all queries of one look together. */
const DEADLINE_MS = 10_000;

/** The addresses of a host (A, or AAAA when it has none), or of what SRV records name; looked up again and again. */
export function dnsSource(name: DnsName, pace: DnsPace = PACE): EndpointSource {
  return (listener) => {
    const stop = new AbortController();
    let wake = new AbortController();
    void follow(name, listener, pace, stop.signal, () => {
      wake = new AbortController();
      return AbortSignal.any([stop.signal, wake.signal]);
    });
    return { refresh: () => wake.abort(), stop: () => stop.abort() };
  };
}

async function follow(
  name: DnsName,
  listener: EndpointListener,
  pace: DnsPace,
  stopped: AbortSignal,
  untilWoken: () => AbortSignal,
): Promise<void> {
  let failures = 0;
  let pushed: string | undefined;
  while (!stopped.aborted) {
    const woken = untilWoken();
    let wait_ms = spread(pace.every_ms, Math.random());
    try {
      const endpoints = await soon(lookUp(name), stopped);
      const key = JSON.stringify(endpoints);
      if (key !== pushed) listener.update(endpoints);
      pushed = key;
      failures = 0;
    } catch (error) {
      if (stopped.aborted) return;
      listener.failed(new Error(`DNS: ${name.name}: ${(error as Error).message}`, { cause: error }));
      wait_ms = backoff(failures++, Math.random(), pace);
      // What comes next is news, even when it is what was there before.
      pushed = undefined;
    }
    await pause(pace.soonest_ms, stopped);
    await pause(wait_ms, woken);
  }
}

// A look-up can't be taken back; its answer then comes too late.
function soon<T>(answer: Promise<T>, stopped: AbortSignal): Promise<T> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(DEADLINE_MS)]);
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), { once: true });
    answer.then(resolve, reject);
  });
}

/** Sorted: name servers shuffle their answers, which changes nothing. */
async function lookUp({ name, port, server }: DnsName): Promise<EndpointAddress[]> {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
  if (server) resolver.setServers([server]);
  const addresses = (host: string) => (server ? ask(resolver, host) : askMachine(host));
  const records = port === undefined ? firstOnes(await resolver.resolveSrv(name)) : [{ name, port }];
  // A replica that has left may be named for a while; the others count all the same.
  const found = await Promise.allSettled(
    records.map(async (record) => (await addresses(record.name)).map((host) => `${host} ${record.port}`)),
  );
  const each = new Set(found.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  if (each.size === 0) throw found.find((one) => one.status === 'rejected')?.reason ?? new Error('no records');
  return [...each].sort().map((one) => ({ host: one.split(' ')[0]!, port: Number(one.split(' ')[1]) }));
}

// Those of the lowest priority number; the others stand in for them (RFC 2782). Weights are the balancer's business.
function firstOnes(records: SrvRecord[]): SrvRecord[] {
  const first = Math.min(...records.map(({ priority }) => priority));
  return records.filter(({ priority }) => priority === first);
}

async function ask(resolver: dns.Resolver, host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  return resolver.resolve4(host).catch(() => resolver.resolve6(host));
}

// By the machine's own rules: its hosts file, its search domains.
async function askMachine(host: string): Promise<string[]> {
  const found: LookupAddress[] = await dns.lookup(host, { all: true, order: 'ipv4first' });
  return found.filter(({ family }) => family === found[0]?.family).map(({ address }) => address);
}
