// A pod that looks itself up, with a stand-in for the API server and the real client in front of it.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@assent/telemetry';
import { eventually, setKubeconfig } from '@assent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type ServiceConfig, serviceConfig } from './config.ts';
import { findZone } from './zone.ts';

// The client is big: what loads it first waits for seconds.
jest.setTimeout(120_000);

let server: Server;
let restore: () => void;
let asked: string[];
let warnings: string[];
let answer: () => { readonly code: number; readonly body: object };
const log = { info: () => {}, warn: (message: string) => warnings.push(message) } as unknown as Logger;

beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const { code, body } = answer();
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  restore = setKubeconfig((server.address() as AddressInfo).port);
});
afterAll(() => {
  restore();
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  [asked, warnings] = [[], []];
});

const config = (more: Partial<ServiceConfig>) => ({
  ...serviceConfig.parse({ SERVICE_TARGET: 'kubernetes:///shop-{service}.shop:grpc' }),
  ...more,
});
const find = (more: Partial<ServiceConfig>, signal = new AbortController().signal) =>
  findZone('order', config(more), log, signal);

function slices(zones: Readonly<Record<string, string | undefined>>) {
  const endpoints = Object.entries(zones).map(([address, zone]) => ({
    addresses: [address],
    // Its pod isn't ready while it looks itself up.
    conditions: { ready: false, serving: false, terminating: false },
    zone,
  }));
  const labels = { 'kubernetes.io/service-name': 'shop-order' };
  const slice = { metadata: { name: 'a', labels }, addressType: 'IPv4', ports: [], endpoints };
  return { code: 200, body: { kind: 'EndpointSliceList', metadata: { resourceVersion: '1' }, items: [slice] } };
}

describe('a pod', () => {
  test('finds its zone in its own entry, as soon as it has one', async () => {
    const answers = [slices({ '10.0.0.1': 'a' }), slices({ '10.0.0.1': 'a', '10.0.0.2': 'b' })];
    answer = () => (answers.length > 1 ? answers.shift() : answers[0])!;
    expect(await find({ POD_IP: '10.0.0.2' })).toBe('b');
    expect(asked.length).toBe(2);
    expect(asked[0]).toContain(
      '/namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dshop-order',
    );
  });

  test('may be in none', async () => {
    answer = () => slices({ '10.0.0.2': undefined });
    expect(await find({ POD_IP: '10.0.0.2' })).toBeUndefined();
    expect(asked.length).toBe(1);
  });

  test('that is told its zone looks once all the same, whether it may', async () => {
    answer = () => slices({ '10.0.0.2': 'b' });
    expect(await find({ POD_IP: '10.0.0.2', ZONE: 'c' })).toBe('c');
    expect(await find({})).toBeUndefined();
    expect(asked.length).toBe(2);
  });

  test('elsewhere asks nobody', async () => {
    expect(await find({ SERVICE_TARGET: 'file:///run/endpoints.json#{service}', ZONE: 'c' })).toBe('c');
    expect(asked).toEqual([]);
  });

  test('that may not look waits, says once what is missing, and goes on when it may, or when it is to stop', async () => {
    const refusal = { message: 'endpointslices is forbidden: cannot list', code: 403 };
    answer = () => ({ code: 403, body: { kind: 'Status', ...refusal } });
    const zone = find({ POD_IP: '10.0.0.2' });
    const stop = new AbortController();
    const stopped = find({ POD_IP: '10.0.0.3' }, stop.signal);
    await eventually(() => expect(asked.length).toBeGreaterThan(4), 20_000);
    stop.abort(new Error('SIGTERM'));
    await expect(stopped).rejects.toThrow('SIGTERM');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(
      /^not ready, waiting for discovery: list .*: HTTP 403: .*cannot list; a Role must allow the verbs list and watch/,
    );
    answer = () => slices({ '10.0.0.2': 'b' });
    expect(await zone).toBe('b');
  });
});
