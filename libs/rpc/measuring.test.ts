import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InventoryService } from '@assent/protos';
import { type MetricsServer, serveMetrics } from '@assent/telemetry/scrape';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from './client.ts';
import { RpcError } from './errors.ts';
import { type Fixture, startFixture } from './testing/fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'measuring-'));
const file = join(directory, 'endpoints.json');
const method = 'assent.inventory.v1.InventoryService/GetProduct';
let fixture: Fixture;
let metrics: MetricsServer;

beforeAll(async () => {
  fixture = await startFixture({
    async getProduct({ sku }) {
      if (sku === 'none') throw new RpcError('NOT_FOUND', 'no such product');
      return { product: { sku } };
    },
    async *execute() {
      yield { outcomes: [] };
    },
  });
  fixture.server.setServing(true);
  metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  const endpoints = [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
  const ports = [{ name: 'grpc', port: fixture.server.port }];
  const metadata = { name: 'inventory', labels: { 'kubernetes.io/service-name': 'inventory' } };
  writeFileSync(file, JSON.stringify({ items: [{ metadata, addressType: 'IPv4', ports, endpoints }] }));
});
afterAll(() => {
  fixture.close();
  metrics.close();
  rmSync(directory, { recursive: true });
});

const scrape = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();

test('calls are measured on both sides, by method and outcome, and so is what endpoints have to do', async () => {
  const inventory = connect(InventoryService, { target: `file://${file}#inventory` });
  await inventory.getProduct({ sku: 'tea' });
  await inventory.getProduct({ sku: 'tea' });
  await expect(inventory.getProduct({ sku: 'none' })).rejects.toThrow('no such product');
  for await (const _ of fixture.participant.execute({ calls: [] }));

  const call = (side: string, code: string, rest = '') =>
    `rpc_${side}_call_duration_seconds_count{rpc_system_name="grpc",rpc_method="${method}",rpc_status_code="${code}"${rest}}`;
  await eventually(async () => {
    const text = await scrape();
    expect(text).toContain(`${call('server', 'OK')} 2\n`);
    expect(text).toContain(`${call('server', 'NOT_FOUND')} 1\n`);
    expect(text).toContain(`${call('client', 'OK', ',server_address="inventory"')} 2\n`);
    expect(text).toContain(`${call('client', 'NOT_FOUND', ',server_address="inventory"')} 1\n`);
    expect(text).toContain('rpc_method="assent.participant.v1.ParticipantService/Execute",rpc_status_code="OK"} 1\n');
    expect(text).toMatch(/assent_balancer_cost\{service="inventory",endpoint="127.0.0.1:\d+"\} \d/);
    const state = /assent_balancer_endpoints\{service="inventory",endpoint="127.0.0.1:\d+",zone="",state="fit"\} 1\n/;
    expect(text).toMatch(state);
    expect(text).toMatch(/assent_balancer_ejections\{service="inventory",endpoint="127.0.0.1:\d+"\} 0\n/);
    expect(text).toMatch(/assent_balancer_in_flight_calls\{service="inventory",endpoint="127.0.0.1:\d+"\} 0\n/);
  });
  inventory.close();
  await eventually(async () => expect(await scrape()).not.toContain('assent_balancer_cost{service="inventory"'));
});
