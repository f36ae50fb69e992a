import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { writeEndpoints } from './endpoints.ts';

const scratch = mkdtempSync(join(tmpdir(), 'assent-endpoints-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('the file is what Kubernetes would show', () => {
  const path = join(scratch, 'endpoints.json');
  const order = { service: 'order', port: 4711 };
  writeEndpoints(path, [
    { ...order, name: 'order-1', ready: true, serving: true, terminating: false },
    { ...order, name: 'order-2', ready: false, serving: true, terminating: true },
  ]);
  const list = JSON.parse(readFileSync(path, 'utf8'));
  expect(list).toMatchObject({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList' });
  expect(list.items[0]).toEqual({
    metadata: { name: 'order-1', labels: { 'kubernetes.io/service-name': 'order' } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port: 4711 }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true, serving: true, terminating: false } }],
  });
  expect(list.items[1].endpoints[0].conditions).toEqual({ ready: false, serving: true, terminating: true });
  // Written whole: nothing else is left beside it.
  expect(readdirSync(scratch)).toEqual(['endpoints.json']);
});
