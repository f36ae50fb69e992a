import { createServer } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { installDiscovery } from '../index.ts';
import { POLICIES } from './policies.ts';
import { closeAll, type Replica, startClient, startReplica, until } from './testing/cluster.ts';

const logged: string[] = [];
const at_once = { slowStart_ms: 0 };

beforeEach(() => {
  installDiscovery();
  grpc.setLogger({ error: (message: string) => logged.push(message) });
});
afterEach(() => {
  closeAll();
  logged.length = 0;
});

async function startReplicas<N extends string>(...names: N[]): Promise<Record<N, Replica> & { all: Replica[] }> {
  const all = await Promise.all(names.map((name) => startReplica(name)));
  return { ...(Object.fromEntries(all.map((one) => [one.name, one])) as Record<N, Replica>), all };
}

const areFit = (client: ReturnType<typeof startClient>, replicas: Replica[]) => async () => {
  await client.who().catch(() => {});
  return Object.values(client.states(replicas)).every((state) => state === 'fit');
};

describe.each(POLICIES)('%s', (policy) => {
  const start = (settings: object, replicas: readonly { port: number; zone?: string }[], zone?: string) =>
    startClient({ [policy]: settings }, replicas, zone);

  test('calls all endpoints, none whose connection is down, and again one that came back', async () => {
    const { b, all } = await startReplicas('a', 'b', 'c');
    const client = start(at_once, all);
    await until(areFit(client, all));
    expect(Object.keys(await client.tally(160)).sort()).toEqual(['a', 'b', 'c']);

    b.close();
    await until(() => client.states(all).b === 'unreachable');
    expect((await client.tally()).b).toBeUndefined();

    const again = await startReplica('b again', { port: b.port });
    await until(areFit(client, [again]));
    expect(Object.keys(await client.tally(160)).sort()).toEqual(['a', 'b again', 'c']);
  });

  test('leaves out who fails again and again while others do not, and tells', async () => {
    const { b, all } = await startReplicas('a', 'b', 'c');
    b.answer = () => ({ code: grpc.status.UNAVAILABLE });
    const client = start({ ...at_once, ejection: { consecutive_errors: 2 } }, all);
    await until(async () => {
      await client.tally(8);
      return client.states(all).b === 'ejected';
    });
    expect(logged.join()).toMatch(/127\.0\.0\.1:\d+ gets no calls for 10 s: \d errors in a row/);
    const before = b.calls;
    expect(Object.keys(await client.tally()).sort()).toEqual(['a', 'c']);
    expect(b.calls).toBe(before);
  });

  test('stays in the zone of the caller, and helps itself elsewhere when that has too little', async () => {
    const zones = { a: 'here', b: 'here', c: 'there', d: 'there' };
    const starting = Object.entries(zones).map(([name, zone]) => startReplica(name, { zone }));
    const all = await Promise.all(starting);
    const client = start(at_once, all, 'here');
    await until(areFit(client, all));
    expect(Object.keys(await client.tally(160)).sort()).toEqual(['a', 'b']);

    // One of three: 1.4 times an even share of it is 14/15 of the calls.
    all[1]!.setHealth(false);
    await until(() => client.states(all).b === 'unhealthy');
    const { a = 0, b = 0, c = 0, d = 0 } = await client.tally(400);
    expect(b).toBe(0);
    expect(a).toBeGreaterThan(320);
    expect(c + d).toBeGreaterThan(0);

    all[0]!.setHealth(false);
    await until(() => client.states(all).a === 'unhealthy');
    expect(Object.keys(await client.tally(160)).sort()).toEqual(['c', 'd']);
  });

  test('gives an endpoint only so many calls at a time, and none when all have as many', async () => {
    const { a, b, all } = await startReplicas('a', 'b');
    const client = start({ ...at_once, maxInFlight: 3 }, all);
    await until(areFit(client, all));
    const [before_a, before_b] = [a.calls, b.calls];
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    for (const replica of all) replica.answer = () => ({ hold });
    const calls = Array.from({ length: 10 }, () => client.who().catch(({ code }) => code));
    await until(() => a.calls + b.calls === before_a + before_b + 6);
    release();
    expect((await Promise.all(calls)).filter((code) => code === grpc.status.RESOURCE_EXHAUSTED)).toHaveLength(4);
    expect([a.calls - before_a, b.calls - before_b]).toEqual([3, 3]);
  });
});

test('an endpoint that is named twice is one', async () => {
  const { a } = await startReplicas('a');
  const client = startClient({ least_loaded: at_once }, [a, a]);
  await until(areFit(client, [a]));
  client.close();
  await until(() => a.watches.size === 0);
  expect(a.peers.size).toBe(1);
});

describe('a new endpoint', () => {
  test('is starting, until it is as good as the others', async () => {
    const { a, c, all } = await startReplicas('a', 'b', 'c');
    const client = startClient({ least_loaded: { slowStart_ms: 1_000 } }, [a]);
    await client.who();
    client.setPlaces(all);
    await until(() => client.states(all).c === 'starting');
    await until(areFit(client, all));
    await until(async () => (await client.who()) === c.name);
  });

  test('is no new one when only its connection is made anew', async () => {
    const [a, b] = [await startReplica('a'), await startReplica('b', { maxAge_ms: 150 })];
    const client = startClient({ least_loaded: { slowStart_ms: 500 } }, [a, b]);
    await until(areFit(client, [a, b]));
    const { size } = b.peers;
    await until(() => {
      expect(client.states([b]).b).not.toBe('starting');
      return b.peers.size >= size + 2;
    });
  });
});

describe('health', () => {
  const config = { least_loaded: { ...at_once, health: { renew_ms: 100, timeout_ms: 1_000 } } };

  test('is asked over the connection, and who says no gets no calls until it says yes', async () => {
    const { a, b, all } = await startReplicas('a', 'b');
    const client = startClient(config, all);
    await until(areFit(client, all));
    b.setHealth(false);
    await until(() => client.states(all).b === 'unhealthy');
    expect(await client.tally()).toEqual({ a: 80 });
    b.setHealth(true);
    await until(areFit(client, all));
    expect(a.watches.size).toBeLessThanOrEqual(2);
    client.close();
    await until(() => a.watches.size + b.watches.size === 0);
  });

  test('is good without a health service', async () => {
    const [a, b] = [await startReplica('a', { hasHealth: false }), await startReplica('b')];
    const client = startClient(config, [a, b]);
    await until(areFit(client, [a, b]));
  });

  test('is bad when nothing is said, at first or from then on, until something is', async () => {
    const [a, b] = [await startReplica('a', { isServing: undefined }), await startReplica('b')];
    const quick = { least_loaded: { ...at_once, health: { renew_ms: 100, timeout_ms: 300 } } };
    const client = startClient(quick, [a, b]);
    await until(async () => (await client.who()) === 'b' && client.states([a]).a === 'unhealthy');
    a.setHealth(true);
    await until(areFit(client, [a, b]));
    b.setHealth(undefined);
    await until(() => client.states([b]).b === 'unhealthy');
    // On a busy machine the other one may be late for a moment too, and then both get calls.
    await until(async () => (await client.tally()).a === 80);
  });

  test('does not matter when all are ill: then all are used, which is logged', async () => {
    const { all } = await startReplicas('a', 'b', 'c');
    for (const replica of all) replica.setHealth(false);
    const client = startClient(config, all);
    await until(async () => Object.keys(await client.tally()).length === 3);
    expect(logged.filter((text) => text.includes('too few are fit'))).not.toEqual([]);
  });

  test('need not be asked', async () => {
    const { a, all } = await startReplicas('a', 'b');
    a.setHealth(false);
    const client = startClient({ least_loaded: { ...at_once, health: false } }, all);
    await until(areFit(client, all));
    expect(a.watches.size).toBe(0);
  });
});

describe('gray failure:', () => {
  test('who accepts connections and never answers gets no calls at all', async () => {
    const sockets: { destroy(): void }[] = [];
    const deaf = createServer((socket) => sockets.push(socket));
    const port = await new Promise<number>((resolve) => {
      deaf.listen(0, '127.0.0.1', () => resolve((deaf.address() as { port: number }).port));
    });
    const { a } = await startReplicas('a');
    const client = startClient({ least_loaded: at_once }, [{ port }, a]);
    expect(await client.tally()).toEqual({ a: 80 });
    expect(sockets.length).toBeGreaterThan(0);
    client.close();
    for (const socket of sockets) socket.destroy();
    deaf.close();
  });

  test('who answers nothing but its health is left out once calls have run out of time', async () => {
    const { b, all } = await startReplicas('a', 'b', 'c');
    b.answer = () => ({ isSilent: true });
    const client = startClient({ assent_round_robin: at_once }, all);
    const call = () => client.who({ deadline_ms: 500 }).catch(() => 'late');
    await until(async () => {
      await Promise.all(Array.from({ length: 15 }, call));
      return client.states(all).b === 'ejected';
    });
    expect(logged.join()).toContain('errors in a row');
    const before = b.calls;
    await client.tally();
    expect(b.calls).toBe(before);
  });

  test('who was left out is left out for longer after one failure more', async () => {
    const { b, all } = await startReplicas('a', 'b');
    b.answer = () => ({ code: grpc.status.UNAVAILABLE });
    const client = startClient({ assent_round_robin: { ...at_once, ejection: { base_ms: 200 } } }, all);
    await until(async () => {
      await client.tally(8);
      return /for 0\.4 s: 5 errors/.test(logged.join());
    });
    b.answer = () => ({});
    await until(areFit(client, all));
  });

  test('who fails now and then, more than the others, is left out', async () => {
    const { b, all } = await startReplicas('a', 'b', 'c');
    b.answer = (call) => (call % 3 === 0 ? { code: grpc.status.UNAVAILABLE } : {});
    const client = startClient({ assent_round_robin: at_once }, all);
    await until(async () => {
      await client.tally(40);
      return client.states(all).b === 'ejected';
    });
    expect(logged.join()).toMatch(/\d+ % of its calls failed/);
  });

  test('who is slower than the others is left out', async () => {
    const { b, all } = await startReplicas('a', 'b', 'c');
    b.answer = () => ({ wait_ms: 100 });
    const config = { ...at_once, ejection: { interval_ms: 300, min_calls: 3 } };
    const client = startClient({ assent_round_robin: config }, all);
    // However often the endpoints are said to be the same.
    const changing = setInterval(() => client.setPlaces(all), 50);
    await until(async () => {
      await client.tally(40);
      return client.states(all).b === 'ejected';
    }).finally(() => clearInterval(changing));
    expect(logged.join()).toMatch(/its calls take \d+ ms/);
  });

  test('when all fail, none is left out: that would help nobody', async () => {
    const { all } = await startReplicas('a', 'b', 'c');
    for (const replica of all) replica.answer = () => ({ code: grpc.status.UNAVAILABLE });
    const client = startClient({ assent_round_robin: at_once }, all);
    expect(await client.tally(80)).toEqual({ UNAVAILABLE: 80 });
    expect(client.states(all)).toEqual({ a: 'fit', b: 'fit', c: 'fit' });
  });

  test.each([grpc.status.RESOURCE_EXHAUSTED, grpc.status.NOT_FOUND, grpc.status.UNIMPLEMENTED])(
    'status %s is none',
    async (code) => {
      const { b, all } = await startReplicas('a', 'b', 'c');
      b.answer = () => ({ code });
      const client = startClient({ assent_round_robin: at_once }, all);
      await client.tally(80);
      expect(client.states(all).b).toBe('fit');
      expect(b.calls).toBeGreaterThan(10);
    },
  );
});

describe('consistent_hash', () => {
  test('calls the same endpoint for the same key', async () => {
    const { all } = await startReplicas('a', 'b', 'c', 'd');
    const client = startClient({ consistent_hash: at_once }, all);
    await until(areFit(client, all));
    const keys = Array.from({ length: 40 }, (_, index) => `cart ${index}`);
    const owners = new Map<string, string>();
    for (const key of keys) owners.set(key, await client.who({ key }));
    expect(new Set(owners.values()).size).toBeGreaterThan(1);
    for (const key of keys) expect(await client.who({ key })).toBe(owners.get(key));

    client.setPlaces(all.filter(({ name }) => name !== 'd'));
    await until(() => client.states(all).d === 'unknown');
    for (const key of keys) if (owners.get(key) !== 'd') expect(await client.who({ key })).toBe(owners.get(key));
  });
});

describe('the least loaded of two', () => {
  test('gets the calls while the other is busy', async () => {
    const { a, all } = await startReplicas('a', 'b');
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    a.answer = (call) => (call < 20 ? { hold } : {});
    const client = startClient({ least_loaded: at_once }, [a]);
    const busy = Array.from({ length: 20 }, () => client.who());
    await until(() => a.calls === 20);
    client.setPlaces(all);
    // Without a call, which would tell of the busy one that it is quick.
    await until(() => client.states(all).b === 'fit');
    expect(await client.tally(80)).toEqual({ b: 80 });
    release();
    expect(await Promise.all(busy)).toEqual(Array.from({ length: 20 }, () => 'a'));
  });
});
