import { InventoryService } from '@assent/protos';
import { type MetricsServer, serveMetrics } from '@assent/telemetry/scrape';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from './client.ts';
import { RpcError } from './errors.ts';
import { type Fixture, startFixture } from './testing/fixture.ts';

let fixture: Fixture;
let metrics: MetricsServer;
let attempts = 0;
const takes_ms = 30;

beforeAll(async () => {
  metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  fixture = await startFixture({
    async getProduct({ sku }) {
      attempts += 1;
      if (sku === 'gone') throw new RpcError('UNAVAILABLE', 'gone');
      await new Promise((resolve) => setTimeout(resolve, takes_ms));
      return {};
    },
  });
});
afterAll(() => {
  fixture.close();
  metrics.close();
});

/** The value of a metric of GetProduct. */
async function metric(name: string, rest = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
  const labels = `rpc_method="assent.inventory.v1.InventoryService/GetProduct",server_address="127.0.0.1"${rest}`;
  const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

test('retries are counted, and those that the budget did not allow', async () => {
  const serviceConfig = { retryThrottling: { maxTokens: 6, tokenRatio: 0.1 } };
  const inventory = connect(InventoryService, { target: fixture.target, serviceConfig });
  await expect(inventory.getProduct({ sku: 'gone' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  inventory.close();
  expect(await metric('assent_rpc_client_attempts_total', ',kind="retry"')).toBe(2);
  expect(await metric('assent_rpc_client_budget_exhausted_total', ',kind="retry"')).toBe(1);
});

test('a call is refused at once when there is no time for it', async () => {
  const { inventory } = fixture;
  const made = attempts;
  await expect(inventory.getProduct({}, { timeout_ms: 0.5 })).rejects.toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    reason: 'NO_TIME',
  });
  expect(attempts).toBe(made);
  expect(await metric('assent_rpc_client_late_total')).toBe(1);
});

test('so it is when the method takes longer at best', async () => {
  const { inventory } = fixture;
  await Promise.all(Array.from({ length: 128 }, () => inventory.getProduct({})));
  await eventually(async () => {
    // What is known is believed for a moment only.
    await inventory.getProduct({});
    await expect(inventory.getProduct({}, { timeout_ms: takes_ms / 2 })).rejects.toMatchObject({ reason: 'NO_TIME' });
  });
});
