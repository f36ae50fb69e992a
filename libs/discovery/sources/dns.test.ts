import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startNameServer } from '../testing/name-server.ts';
import { record, until } from '../testing/recorder.ts';
import { type DnsPace, dnsSource } from './dns.ts';

const pace: DnsPace = { every_ms: 600_000, soonest_ms: 5, base_ms: 5, cap_ms: 50 };

let names: Awaited<ReturnType<typeof startNameServer>>;
const started: { stop(): void }[] = [];

beforeEach(async () => {
  names = await startNameServer();
});

afterEach(async () => {
  for (const { stop } of started.splice(0)) stop();
  await names.close();
});

function follow(name: string, port: number | undefined, faster: Partial<DnsPace> = {}) {
  const recorded = record(dnsSource({ name, port, server: names.address }, { ...pace, ...faster }));
  started.push(recorded);
  return recorded;
}

const asked = (question: string) => names.asked.filter((one) => one === question).length;

describe('a host', () => {
  test('is all its addresses, in whatever order they come', async () => {
    names.names.set('inventory.test', { a: ['10.0.0.2', '10.0.0.1'] });
    const seen = follow('inventory.test', 50051);
    await until(() => seen.updates.length === 1);
    expect(seen.last()).toEqual(['10.0.0.1:50051', '10.0.0.2:50051']);
    names.names.set('inventory.test', { a: ['10.0.0.1', '10.0.0.2'] });
    seen.refresh();
    await until(() => asked('a inventory.test') === 2);
    names.names.set('inventory.test', { a: ['10.0.0.3'] });
    seen.refresh();
    await until(() => seen.last()?.[0] === '10.0.0.3:50051');
    expect(seen.updates).toHaveLength(2);
  });

  test('that has none of IPv4 is those of IPv6', async () => {
    names.names.set('inventory.test', { aaaa: [[0xfd, ...Array(14).fill(0), 1]] });
    const seen = follow('inventory.test', 50051);
    await until(() => seen.updates.length === 1);
    expect(seen.last()).toEqual(['fd00::1:50051']);
  });

  test('is looked up again on schedule', async () => {
    names.names.set('inventory.test', { a: ['10.0.0.1'] });
    const seen = follow('inventory.test', 50051, { every_ms: 20 });
    await until(() => seen.updates.length === 1);
    names.names.set('inventory.test', { a: ['10.0.0.2'] });
    await until(() => seen.last()?.[0] === '10.0.0.2:50051');
  });

  test('is not looked up at every failed connection', async () => {
    names.names.set('inventory.test', { a: ['10.0.0.1'] });
    const seen = follow('inventory.test', 50051, { soonest_ms: 60_000 });
    await until(() => seen.updates.length === 1);
    for (let connection = 0; connection < 100; connection++) seen.refresh();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked('a inventory.test')).toBe(1);
  });

  test('that is gone stays what it was, until it is back', async () => {
    names.names.set('inventory.test', { a: ['10.0.0.1'] });
    const seen = follow('inventory.test', 50051);
    await until(() => seen.updates.length === 1);
    names.names.clear();
    seen.refresh();
    await until(() => seen.failures.length > 1);
    expect(seen.failures[0]).toContain('inventory.test: ');
    expect(seen.failures[0]).toContain('ENOTFOUND');
    expect(seen.updates).toHaveLength(1);
    names.names.set('inventory.test', { a: ['10.0.0.1'] });
    await until(() => seen.updates.length === 2);
    expect(seen.last()).toEqual(['10.0.0.1:50051']);
  });

  test("that is in the machine's own hosts file is found there", async () => {
    const seen = record(dnsSource({ name: 'localhost', port: 50051, server: undefined }, pace));
    started.push(seen);
    await until(() => seen.updates.length === 1);
    expect(seen.last()).toEqual([expect.stringMatching(/^(127\.0\.0\.1|::1):50051$/)]);
  });

  test('is let alone after stop', async () => {
    names.names.set('inventory.test', { a: ['10.0.0.1'] });
    const seen = follow('inventory.test', 50051, { every_ms: 1 });
    await until(() => seen.updates.length === 1);
    seen.stop();
    names.names.set('inventory.test', { a: ['10.0.0.2'] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = names.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(names.asked).toHaveLength(before);
    expect(seen.updates).toHaveLength(1);
    expect(seen.failures).toEqual([]);
  });
});

describe('a service with SRV records', () => {
  const service = '_grpc._tcp.inventory.test';
  const srv = [
    { priority: 0, name: 'one.test', port: 1 },
    { priority: 0, name: 'two.test', port: 2 },
    { priority: 1, name: 'spare.test', port: 3 },
  ];

  test('is the addresses of its best hosts at their ports', async () => {
    names.names.set(service, { srv });
    names.names.set('one.test', { a: ['10.0.0.1', '10.0.0.11'] });
    names.names.set('two.test', { a: ['10.0.0.2'] });
    const seen = follow(service, undefined);
    await until(() => seen.updates.length === 1);
    expect(seen.last()).toEqual(['10.0.0.1:1', '10.0.0.11:1', '10.0.0.2:2']);
    expect(asked('a spare.test')).toBe(0);
  });

  test('of which a host is unknown is the others', async () => {
    names.names.set(service, { srv });
    names.names.set('two.test', { a: ['10.0.0.2'] });
    const seen = follow(service, undefined);
    await until(() => seen.updates.length === 1);
    expect(seen.last()).toEqual(['10.0.0.2:2']);
  });

  test('of which no host is known is a failure', async () => {
    names.names.set(service, { srv });
    const seen = follow(service, undefined);
    await until(() => seen.failures.length > 0);
    expect(seen.failures[0]).toContain('ENOTFOUND');
    expect(seen.updates).toEqual([]);
  });
});
