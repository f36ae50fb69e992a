import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { counter, gauge, histogram } from './metrics.ts';
import { type MetricsServer, serveMetrics } from './scrape.ts';

let server: MetricsServer;
beforeAll(async () => {
  server = await serveMetrics({ host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

async function scrape(path = '/metrics', init?: RequestInit) {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
  const type = response.headers.get('content-type');
  return { status: response.status, type, lines: (await response.text()).split('\n') };
}

test('what is counted and measured is shown', async () => {
  const orders = counter('test_orders_total', 'Orders.', ['mode']);
  const durations = histogram('test_duration_seconds', 'How long it took.', ['mode']);
  orders.inc({ mode: 'TCC' }, 2);
  durations.labels('TCC').observe(0.02);
  const { status, type, lines } = await scrape();
  expect([status, type]).toEqual([200, expect.stringContaining('text/plain; version=0.0.4')]);
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE test_orders_total counter',
      'test_orders_total{mode="TCC"} 2',
      'test_duration_seconds_bucket{le="0.01",mode="TCC"} 0',
      'test_duration_seconds_bucket{le="0.025",mode="TCC"} 1',
      'test_duration_seconds_count{mode="TCC"} 1',
      expect.stringMatching(/^process_resident_memory_bytes \d+$/),
    ]),
  );
});

test('a gauge asks everybody, adds up, and shows nothing of those who fail', async () => {
  const waiting = gauge('test_waiting', 'Who waits.', ['where']);
  const shown = async () => (await scrape()).lines.filter((line) => line.startsWith('test_waiting'));
  const ends = [
    waiting.watch(() => [
      { labels: { where: 'a' }, value: 1 },
      { labels: { where: 'b' }, value: 2 },
    ]),
    waiting.watch(async () => [{ labels: { where: 'b' }, value: 3 }]),
    waiting.watch(() => Promise.reject(new Error('no answer'))),
    waiting.watch(() => {
      throw new Error('no answer either');
    }),
  ];
  expect(await shown()).toEqual(['test_waiting{where="a"} 1', 'test_waiting{where="b"} 5']);
  ends[0]?.();
  expect(await shown()).toEqual(['test_waiting{where="b"} 3']);
});

test('nothing else is there', async () => {
  expect((await scrape('/')).status).toBe(404);
  expect((await scrape('/metrics', { method: 'POST' })).status).toBe(405);
});
