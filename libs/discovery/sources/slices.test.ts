import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointsOf, parseSlices } from './slices.ts';

interface Endpoint {
  addresses: string[];
  conditions?: Record<string, boolean> | null;
  zone?: string;
  targetRef?: { uid: string };
}

const up = (address: string, more: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [address],
  conditions: { ready: true, serving: true, terminating: false },
  ...more,
});
const leaving = (address: string, ready = false): Endpoint =>
  up(address, { conditions: { ready, serving: true, terminating: true } });
const gone = (address: string): Endpoint =>
  up(address, { conditions: { ready: false, serving: false, terminating: true } });
const starting = (address: string): Endpoint =>
  up(address, { conditions: { ready: false, serving: false, terminating: false } });

function slice(name: string, endpoints: Endpoint[] | null, { service = 'inventory', ...other }: SliceOptions = {}) {
  return {
    metadata: { name, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port: 50051 }],
    endpoints,
    ...other,
  };
}

interface SliceOptions {
  service?: string;
  addressType?: string;
  ports?: { name?: string; port?: number }[] | null;
}

function look(items: object[], port = '') {
  const slices = parseSlices(JSON.stringify({ kind: 'EndpointSliceList', items }));
  return endpointsOf(slices, { service: 'inventory', port });
}

function found(...items: object[]): string[] {
  return look(items).endpoints.map(({ host, port }) => `${host}:${port}`);
}

describe('the endpoints of a service', () => {
  test('come from all its slices, each once', () => {
    expect(
      found(
        slice('a', [up('10.0.0.1'), up('10.0.0.2')]),
        slice('b', [up('10.0.0.2'), up('10.0.0.3')]),
        slice('c', null),
      ),
    ).toEqual(['10.0.0.1:50051', '10.0.0.2:50051', '10.0.0.3:50051']);
  });

  test("don't come from another service's slices", () => {
    expect(found(slice('a', [up('10.0.0.1')], { service: 'inventory-2' }))).toEqual([]);
  });

  test('of a slice that is there twice are those of the later one', () => {
    expect(found(slice('a', [up('10.0.0.1')]), slice('a', [up('10.0.0.2')]))).toEqual(['10.0.0.2:50051']);
  });

  test('are those that are ready, or whose readiness nobody knows', () => {
    const endpoints = [
      up('10.0.0.1'),
      { addresses: ['10.0.0.2'], conditions: { ready: false } },
      leaving('10.0.0.3'),
      { addresses: ['10.0.0.4'] },
      { addresses: ['10.0.0.5'], conditions: null },
    ];
    expect(found(slice('a', endpoints))).toEqual(['10.0.0.1:50051', '10.0.0.4:50051', '10.0.0.5:50051']);
  });

  test('are at the port named grpc, or at the only one', () => {
    const at = (name: string, ports: SliceOptions['ports']) => slice(name, [up(`10.0.0.${name}`)], { ports: ports! });
    const http = { name: 'http', port: 80 };
    const metrics = { name: 'metrics', port: 81 };
    expect(
      found(
        at('1', [http, { name: 'grpc', port: 82 }]),
        at('2', [{ port: 83 }]),
        at('3', [http, metrics]),
        at('4', null),
      ),
    ).toEqual(['10.0.0.1:82', '10.0.0.2:83']);
  });

  test('are at the port that is asked for, by name or by number', () => {
    const ports = [{ name: 'http', port: 80 }, { name: 'grpc', port: 81 }, { name: 'any' }];
    const items = [slice('a', [up('10.0.0.1')], { ports })];
    const portOf = (port: string) => look(items, port).endpoints.map((endpoint) => endpoint.port);
    expect(['', 'grpc', 'http', '80', '82', 'any', 'https'].map(portOf)).toEqual([[81], [81], [80], [80], [], [], []]);
  });

  test('know their zones', () => {
    expect(look([slice('a', [up('10.0.0.1', { zone: 'north' }), up('10.0.0.2')])]).endpoints).toEqual([
      { host: '10.0.0.1', port: 50051, zone: 'north' },
      { host: '10.0.0.2', port: 50051 },
    ]);
  });

  test('are one for a pod with addresses of two families, that of IPv4', () => {
    const pod = (address: string) => [up(address, { targetRef: { uid: 'a-pod' } })];
    const both = [slice('six', pod('fd00::1'), { addressType: 'IPv6' }), slice('four', pod('10.0.0.1'))];
    expect(found(...both)).toEqual(['10.0.0.1:50051']);
    expect(found(both[0]!)).toEqual(['fd00::1:50051']);
  });

  test('that an old and a new pod have both had are one', () => {
    const pod = (uid: string) => up('10.0.0.1', { targetRef: { uid } });
    expect(found(slice('a', [pod('old')]), slice('b', [pod('new')]))).toEqual(['10.0.0.1:50051']);
  });
});

describe('when none is ready', () => {
  test('those that terminate and still serve get the calls', () => {
    const { endpoints, warning } = look([slice('a', [leaving('10.0.0.1'), gone('10.0.0.2'), starting('10.0.0.3')])]);
    expect(endpoints.map(({ host }) => host)).toEqual(['10.0.0.1']);
    expect(warning).toBeUndefined();
  });

  test('and none still serves, those that are not ready get them, with a warning', () => {
    const { endpoints, warning } = look([slice('a', [gone('10.0.0.2'), starting('10.0.0.3')])]);
    expect(endpoints.map(({ host }) => host)).toEqual(['10.0.0.3']);
    expect(warning).toContain('inventory: none of its endpoints is ready');
  });

  test('and all are gone, there are none', () => {
    expect(look([slice('a', [gone('10.0.0.2')])])).toEqual({ endpoints: [] });
  });
});

test('what terminates gets no new calls, even of a service that publishes everything as ready', () => {
  expect(found(slice('a', [leaving('10.0.0.1', true), up('10.0.0.2')]))).toEqual(['10.0.0.2:50051']);
});

test('of any slices: each endpoint once, none that terminates beside one that is ready, a warning when none is either', () => {
  const kinds = { up, leaving, gone, starting };
  const kind = fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]));
  const endpoint = fc.record({ kind, host: fc.integer({ min: 1, max: 12 }).map((n) => `10.0.0.${n}`) });
  const one = fc.record({ name: fc.constantFrom('a', 'b', 'c'), endpoints: fc.array(endpoint, { maxLength: 6 }) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), (some) => {
      const { endpoints, warning } = look(
        some.map((s) =>
          slice(
            s.name,
            s.endpoints.map((e) => kinds[e.kind](e.host)),
          ),
        ),
      );
      const hosts = endpoints.map(({ host }) => host);
      // The plain truth: the last slice of each name counts.
      const last = some.filter(({ name }, index) => !some.slice(index + 1).some((other) => other.name === name));
      const ofKind = (wanted: string) =>
        last.flatMap((s) => s.endpoints.filter((e) => e.kind === wanted).map((e) => e.host));
      const tiers = [ofKind('up'), ofKind('leaving'), ofKind('starting')];
      const expected = tiers.find((tier) => tier.length > 0) ?? [];
      expect([...hosts].sort()).toEqual([...new Set(expected)].sort());
      expect(warning !== undefined).toBe(expected === tiers[2]);
    }),
  );
});

test('thousands of endpoints take milliseconds', () => {
  const many = Array.from({ length: 100 }, (_, s) =>
    slice(
      `s${s}`,
      Array.from({ length: 100 }, (_, e) => up(`10.${s}.0.${e}`, { zone: 'z', targetRef: { uid: `${s}-${e}` } })),
    ),
  );
  const slices = parseSlices(JSON.stringify({ items: many }));
  const start_ms = performance.now();
  for (let round = 0; round < 10; round++) endpointsOf(slices, { service: 'inventory', port: '' });
  // 10,000 endpoints ten times: work that grows with the square would take minutes.
  expect(performance.now() - start_ms).toBeLessThan(5_000);
});

describe('a broken list says what is wrong:', () => {
  test.each([
    ['', 'JSON'],
    ['{"items":[', 'JSON'],
    ['null', 'expected object'],
    ['{}', 'items'],
    [JSON.stringify({ items: [{ ...slice('a', []), metadata: {} }] }), 'items[0].metadata.name'],
    [JSON.stringify({ items: [{ ...slice('a', []), ports: [{ port: 65536 }] }] }), 'items[0].ports[0].port'],
    [JSON.stringify({ items: [slice('a', [{ addresses: [] }])] }), 'items[0].endpoints[0].addresses'],
  ])('%s', (json, problem) => {
    expect(() => parseSlices(json)).toThrow(problem);
  });
});
