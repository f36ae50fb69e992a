import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApiServer } from '../testing/api-server.ts';
import { record, until } from '../testing/recorder.ts';
import { type KubernetesPace, kubernetesSource } from './kubernetes.ts';

// As in earnest, but a hundred times as fast.
const pace: KubernetesPace = {
  relist_ms: 600_000,
  silence_ms: 60_000,
  steady_ms: 50,
  settle_ms: 5,
  base_ms: 5,
  cap_ms: 50,
};
const service = { service: 'inventory', namespace: 'shop', port: 'grpc' };

let api: Awaited<ReturnType<typeof startApiServer>>;
const started: { stop(): void }[] = [];

// It is big: what loads it first waits for seconds.
beforeAll(async () => void (await import('@kubernetes/client-node')), 120_000);

beforeEach(async () => {
  api = await startApiServer();
});

afterEach(async () => {
  for (const { stop } of started.splice(0)) stop();
  await api.close();
});

function follow(faster: Partial<KubernetesPace> = {}) {
  const recorded = record(kubernetesSource(service, { ...pace, ...faster }));
  started.push(recorded);
  return recorded;
}

const slice = (name: string, ...hosts: string[]) => ({
  metadata: { name, labels: { 'kubernetes.io/service-name': 'inventory' } },
  addressType: 'IPv4',
  ports: [{ name: 'grpc', port: 50051 }],
  endpoints: hosts.map((host) => ({ addresses: [host], conditions: { ready: true } })),
});

const verbs = () => api.asked.map(({ verb }) => verb);
const has = (seen: ReturnType<typeof follow>, ...hosts: string[]) =>
  until(() => `${seen.last()}` === `${hosts.map((host) => `${host}:50051`)}`, `${hosts}`);

/** One that has listed and watches. */
async function watching(faster: Partial<KubernetesPace> = {}) {
  api.put(slice('a', '10.0.0.1'));
  const seen = follow(faster);
  await has(seen, '10.0.0.1');
  await until(() => api.watching() === 1);
  return seen;
}

describe('slices', () => {
  test('of one service are asked for, and watched from the version of the list', async () => {
    await watching();
    expect(api.asked.map(({ path }) => path)).toEqual(
      Array(2).fill('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices'),
    );
    const [listed, watched] = api.asked.map(({ query }) => Object.fromEntries(query));
    expect(listed).toEqual({ labelSelector: 'kubernetes.io/service-name=inventory' });
    expect(watched).toMatchObject({ ...listed, watch: 'true', resourceVersion: '101', allowWatchBookmarks: 'true' });
    expect(Number(watched?.timeoutSeconds)).toBeGreaterThanOrEqual(299);
  });

  test('are merged by name: a change of one leaves the others as they are', async () => {
    const seen = await watching();
    api.put(slice('b', '10.0.0.2', '10.0.0.1'));
    await has(seen, '10.0.0.1', '10.0.0.2');
    api.put(slice('a', '10.0.0.3'));
    await has(seen, '10.0.0.3', '10.0.0.2', '10.0.0.1');
    api.remove('a');
    await has(seen, '10.0.0.2', '10.0.0.1');
    api.remove('b');
    await has(seen);
  });

  test('in which nothing changed for callers are no news', async () => {
    const seen = await watching();
    api.put({ ...slice('a', '10.0.0.1'), metadata: { ...slice('a').metadata, annotations: { a: 'b' } } } as never);
    api.put(slice('b', '10.0.0.2'));
    await has(seen, '10.0.0.1', '10.0.0.2');
    expect(seen.updates).toHaveLength(2);
  });

  test('that change by the thousand are pushed together', async () => {
    const seen = await watching({ settle_ms: 100 });
    const hosts = Array.from({ length: 2_000 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
    for (const [index, host] of hosts.entries()) api.put(slice(`s${index % 20}`, host));
    for (let s = 0; s < 20; s++) api.put(slice(`s${s}`, ...hosts.slice(s * 100, s * 100 + 100)));
    await has(seen, '10.0.0.1', ...hosts);
    expect(seen.updates.length).toBeLessThan(60);
  });

  test('of which none is ready are pushed with a warning', async () => {
    const seen = await watching();
    const starting = { addresses: ['10.0.0.1'], conditions: { ready: false } };
    api.put({ ...slice('a'), endpoints: [starting] } as never);
    await until(() => seen.updates.length === 2);
    expect(seen.warnings[1]).toContain('none of its endpoints is ready');
  });
});

describe('a stream', () => {
  test('that ends is taken up where it was, without a list', async () => {
    const seen = await watching();
    api.put(slice('b', '10.0.0.2'));
    await has(seen, '10.0.0.1', '10.0.0.2');
    api.end();
    await until(() => verbs().length === 3);
    expect(verbs()).toEqual(['list', 'watch', 'watch']);
    expect(api.asked[2]?.query.get('resourceVersion')).toBe('102');
    expect(seen.failures).toEqual([]);
  });

  test('goes on from the last bookmark', async () => {
    await watching();
    const version = api.bookmark();
    api.end();
    await until(() => verbs().length === 3);
    expect(api.asked[2]?.query.get('resourceVersion')).toBe(version);
  });

  test('that breaks is made anew after a list, and what was missed is there', async () => {
    const seen = await watching();
    api.put(slice('b', '10.0.0.2'), { lose: true });
    api.cut();
    await has(seen, '10.0.0.1', '10.0.0.2');
    await until(() => api.watching() === 1);
    api.put(slice('c', '10.0.0.3'));
    await has(seen, '10.0.0.1', '10.0.0.2', '10.0.0.3');
  });

  test.each([
    ['in the answer', { code: 410, message: 'too old resource version: 101 (200)' }],
    ['in an event', { code: 410, message: 'too old resource version: 101 (200)', inEvent: true as const }],
  ])('whose version has expired, said %s, starts with a list again', async (_, manner) => {
    const seen = await watching();
    api.manners.watch = manner;
    api.put(slice('b', '10.0.0.2'), { lose: true });
    api.end();
    await has(seen, '10.0.0.1', '10.0.0.2');
    api.manners.watch = 'ANSWER';
    await until(() => api.watching() === 1);
    api.put(slice('c', '10.0.0.3'));
    await has(seen, '10.0.0.1', '10.0.0.2', '10.0.0.3');
    // Nothing is wrong with an expired version.
    expect(seen.failures).toEqual([]);
  });

  test('that stalls without a word is given up', async () => {
    const seen = await watching({ silence_ms: 100 });
    api.put(slice('b', '10.0.0.2'), { lose: true });
    await has(seen, '10.0.0.1', '10.0.0.2');
    // A quiet service is no failure; a server that is away is, but that is for the list to find out.
    expect(seen.failures).toEqual([]);
  });

  test('that is never answered is given up', async () => {
    api.manners.watch = 'IGNORE';
    api.put(slice('a', '10.0.0.1'));
    const seen = follow({ silence_ms: 100 });
    await until(() => verbs().filter((verb) => verb === 'watch').length === 2);
    expect(seen.last()).toEqual(['10.0.0.1:50051']);
    expect(seen.failures).toEqual([]);
  });

  test('that lost something is mended by the list that comes on schedule', async () => {
    const seen = await watching({ relist_ms: 200 });
    api.put(slice('b', '10.0.0.2'), { lose: true });
    // The server ends streams in time for it, as it is asked to.
    await until(() => api.asked.some(({ query }) => query.get('timeoutSeconds') === '1'));
    while (seen.updates.length === 1) {
      api.end();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await has(seen, '10.0.0.1', '10.0.0.2');
    expect(seen.failures).toEqual([]);
  });

  test.each([
    [
      'what is no slice',
      `${JSON.stringify({ type: 'ADDED', object: { ...slice('b'), ...{ metadata: { name: 'b', resourceVersion: '1' }, ports: 7 } } })}\n`,
      'ports',
    ],
    ['no object', '{"type":"MODIFIED"}\n', 'watch'],
    ['a type nobody knows', '{"type":"NEWS","object":{"message":"what is new"}}\n', 'what is new'],
  ])('with %s in it is not trusted: all is listed again', async (_, text, problem) => {
    const seen = await watching();
    api.put(slice('c', '10.0.0.3'), { lose: true });
    api.write(text);
    await has(seen, '10.0.0.1', '10.0.0.3');
    expect(seen.failures).toEqual([expect.stringContaining(problem)]);
  });
});

describe('an API server', () => {
  test('that is away leaves what was known, and what changed meanwhile is there when it is back', async () => {
    const seen = await watching();
    await api.stop();
    api.put(slice('a', '10.0.0.9'));
    await until(() => seen.failures.some((failure) => failure.includes('ECONNREFUSED')));
    expect(seen.updates).toHaveLength(1);
    await api.start();
    await has(seen, '10.0.0.9');
    await until(() => api.watching() === 1);
  });

  test('that is back with the same endpoints says so, for the log', async () => {
    const seen = await watching();
    await api.stop();
    await until(() => seen.failures.some((failure) => failure.includes('ECONNREFUSED')));
    await api.start();
    await until(() => seen.updates.length === 2);
    expect(seen.updates[1]).toEqual(seen.updates[0]);
  });

  test.each(['list', 'watch'] as const)('that forbids the %s is quoted, with what it takes', async (verb) => {
    const message = `endpointslices.discovery.k8s.io is forbidden: User "shop" cannot ${verb} resource "endpointslices"`;
    api.manners[verb] = { code: 403, message };
    api.put(slice('a', '10.0.0.1'));
    const seen = follow();
    await until(() => seen.failures.length > 0);
    expect(seen.failures[0]).toMatch(new RegExp(`^${verb} http.*/namespaces/shop/endpointslices: HTTP 403: `));
    expect(seen.failures[0]).toContain('a Role must allow the verbs list and watch on endpointslices');
    // The client keeps the text of a refused watch to itself.
    expect(seen.failures[0]?.includes(message)).toBe(verb === 'list');
    api.manners[verb] = 'ANSWER';
    await has(seen, '10.0.0.1');
  });

  test('that only lists is asked again and again, ever more slowly', async () => {
    api.manners.watch = { code: 403, message: 'no' };
    api.put(slice('a', '10.0.0.1'));
    const seen = follow({ steady_ms: 60_000 });
    await has(seen, '10.0.0.1');
    api.put(slice('a', '10.0.0.2'));
    await has(seen, '10.0.0.2');
  });

  test('that breaks every stream at once is not stormed', async () => {
    api.manners.watch = { code: 500, message: 'etcdserver: leader changed', inEvent: true };
    const seen = follow({ steady_ms: 60_000, base_ms: 100, cap_ms: 100_000 });
    await until(() => seen.failures.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 400));
    // The waits are 50, 100, 200, 400 ms on average; without them it would be hundreds.
    expect(verbs().filter((verb) => verb === 'watch').length).toBeLessThan(30);
    expect(seen.failures[0]).toContain('leader changed');
  });

  test('is let alone after stop', async () => {
    const seen = await watching();
    seen.stop();
    await until(() => api.watching() === 0);
    const before = api.asked.length;
    api.put(slice('b', '10.0.0.2'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(api.asked).toHaveLength(before);
    expect(seen.updates).toHaveLength(1);
    expect(seen.failures).toEqual([]);
  });
});
