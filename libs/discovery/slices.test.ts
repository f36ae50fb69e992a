import { describe, expect, test } from '@jest/globals';
import { endpointsOf, parseSlices } from './slices.ts';

interface Endpoint {
  addresses: string[];
  conditions?: Record<string, boolean> | null;
}

const up = (address: string): Endpoint => ({ addresses: [address], conditions: { ready: true, serving: true } });

function slice(name: string, endpoints: Endpoint[] | null, { service = 'inventory', ...other } = {}) {
  return {
    metadata: { name, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port: 50051 }],
    endpoints,
    ...other,
  };
}

function found(...items: object[]): string[] {
  const slices = parseSlices(JSON.stringify({ kind: 'EndpointSliceList', items }));
  return endpointsOf(slices, 'inventory').map(({ host, port }) => `${host}:${port}`);
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
      { addresses: ['10.0.0.3'], conditions: { ready: false, serving: true, terminating: true } },
      { addresses: ['10.0.0.4'] },
      { addresses: ['10.0.0.5'], conditions: null },
    ];
    expect(found(slice('a', endpoints))).toEqual(['10.0.0.1:50051', '10.0.0.4:50051', '10.0.0.5:50051']);
  });

  test('are those that terminate and still serve when none is ready', () => {
    const endpoints = [
      { addresses: ['10.0.0.1'], conditions: { ready: false, serving: true, terminating: true } },
      { addresses: ['10.0.0.2'], conditions: { ready: false, serving: false, terminating: true } },
      { addresses: ['10.0.0.3'], conditions: { ready: false, serving: false, terminating: false } },
    ];
    expect(found(slice('a', endpoints))).toEqual(['10.0.0.1:50051']);
  });

  test('are at the port named grpc, or at the only one', () => {
    const at = (name: string, ports: object[] | null) =>
      slice(name, [up(`10.0.0.${name}`)], { ports } as unknown as { service: string });
    expect(
      found(
        at('1', [
          { name: 'http', port: 80 },
          { name: 'grpc', port: 81 },
        ]),
        at('2', [{ port: 82 }]),
        at('3', [
          { name: 'http', port: 83 },
          { name: 'metrics', port: 84 },
        ]),
        at('4', null),
      ),
    ).toEqual(['10.0.0.1:81', '10.0.0.2:82']);
  });
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
