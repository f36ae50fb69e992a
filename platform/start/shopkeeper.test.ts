// Commands for a platform elsewhere, as people use them, against an HTTP server that answers like a gateway.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { openApi } from '../api.ts';
import { repository } from '../config.ts';
import { describeFailures } from '../load/report.ts';
import type { Summary } from '../load/tally.ts';

const timeout_ms = 180_000;
let close = () => {};
afterEach(() => close());

type Answer = (path: string, body: Record<string, unknown>) => readonly [number, object | string] | 'cut';

interface Asked {
  readonly path: string;
  readonly key: string | undefined;
}

async function gateway(answer: Answer): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    asked.push({ path, key: request.headers['idempotency-key'] as string | undefined });
    const said = answer(path, (await json(request)) as Record<string, unknown>);
    if (said === 'cut') request.socket.destroy();
    else response.writeHead(said[0]).end(typeof said[1] === 'string' ? said[1] : JSON.stringify(said[1]));
  };
  const server = createServer((...args) => void respond(...args)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => void server.close();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function assent(...args: string[]) {
  const child = spawn(process.execPath, [join(repository, 'platform/main.ts'), ...args], { cwd: repository });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { output, errors, code: code as number };
}

/** Of a shop that confirms every order but those of one account. */
const shop: Answer = (path, { accountId }) => {
  if (path !== '/v1/orders') return [200, {}];
  const order = { orderId: '1', total: { amount: '250', currency: 'EUR' } };
  const rejection = { code: 'OUT_OF_STOCK', message: 'none left' };
  return [201, accountId === 'carol' ? { ...order, status: 'REJECTED', rejection } : { ...order, status: 'CONFIRMED' }];
};

test(
  'seed fills a shop, each thing under its key; sample fails unless each order is confirmed',
  async () => {
    let cuts = 3;
    const { url, asked } = await gateway((path, body) => (cuts-- > 0 ? 'cut' : shop(path, body)));
    expect(await assent('seed', '--url', `${url}/v1/`)).toMatchObject({ code: 0, errors: '' });
    const keys = new Set(asked.map(({ path, key }) => `${path} ${key ?? ''}`));
    expect(keys).toContain('/v1/products/mug:restock seed-mug');
    expect(keys).toContain('/v1/accounts/alice:deposit seed-alice');
    const sampled = await assent('sample', '--url', url);
    expect(sampled).toMatchObject({ code: 1, errors: '' });
    expect(sampled.output).toMatch(/SAGA +CONFIRMED.*TCC +CONFIRMED.*TWO_PHASE +REJECTED \(OUT_OF_STOCK\)/s);
  },
  timeout_ms,
);

test(
  'load counts failures with and without the retries of its clients',
  async () => {
    const seen = new Map<string, number>();
    // The first order is answered when it is sent for the third time, all others at once.
    const { url, asked } = await gateway((path, body) => {
      const key = path === '/v1/orders' ? (asked.at(-1)?.key ?? '') : undefined;
      if (key !== undefined) seen.set(key, (seen.get(key) ?? 0) + 1);
      const isFirst = key !== undefined && key === seen.keys().next().value;
      return isFirst && (seen.get(key) ?? 0) < 3 ? [503, '<html>'] : shop(path, body);
    });
    const load = async (...more: string[]) => {
      seen.clear();
      const { output } = await assent('load', '--url', url, '--rate', '5', '--duration', '1', '--json', ...more);
      return JSON.parse(output) as Summary;
    };
    const patient = { orders: 5, confirmed: 5, unanswered: 0, retries: 2, retriedOrders: 1, failedAtFirst: 1 };
    expect(await load('--retries', '2')).toMatchObject(patient);
    const impatient = { orders: 5, confirmed: 4, unanswered: 1, retries: 1, failedAtFirst: 1, reasons: { 503: 1 } };
    const summary = await load('--retries', '1');
    expect(summary).toMatchObject(impatient);
    expect(describeFailures(summary)).toBe('  failures    1 (20.000 %) after retries, 1 (20.000 %) without any');
  },
  timeout_ms,
);

test('who is not there, or is someone else, is said with what to do about it', async () => {
  const { url } = await gateway(() => [200, '<h1>Jaeger</h1>']);
  const order = { accountId: 'alice', lines: [], mode: 'SAGA' };
  await expect(openApi(url, 0).placeOrder(order, 'k')).rejects.toThrow(
    `${url}/v1/orders: whoever answers there isn't Assent's gateway`,
  );
  close();
  await expect(openApi('http://127.0.0.1:9', 0).placeOrder(order, 'k')).rejects.toThrow(
    /^POST http:\/\/127\.0\.0\.1:9\/v1\/orders: no answer \(.*\); is it the address of the gateway's REST\?$/,
  );
});

test(
  'a wrong address is refused before anything is asked',
  async () => {
    const wrong = await Promise.all([
      assent('seed', '--url', 'shop.example'),
      assent('load', '--url', 'http://shop.example/admin'),
      assent('sample', '--url', 'http://shop.example', '--port', '8080'),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(wrong[0]?.errors).toContain('It is such as https://shop.example');
    expect(wrong[1]?.errors).toContain('It is such as https://shop.example');
    expect(wrong[2]?.errors).toContain('cannot be used with');
  },
  timeout_ms,
);
