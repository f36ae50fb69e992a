import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@assent/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../fixture.ts';
import type { HttpOptions } from './server.ts';

const gateways: TestGateway[] = [];

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

async function start(options: Partial<HttpOptions> = {}): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  gateways.push(gateway);
  return gateway;
}

/** Sends text as it is, and gives all that comes back. */
async function raw({ url }: TestGateway, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(request);
  return text(socket);
}

describe('requests that are none', () => {
  test('nonsense is 400, headers without end are 431, and the server lives', async () => {
    const gateway = await start();
    expect(await raw(gateway, '\0\x01\x02\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*"code":"INVALID_ARGUMENT"/s);
    expect(await raw(gateway, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    const endless = `GET /v1/orders HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`;
    expect(await raw(gateway, endless)).toMatch(/^HTTP\/1.1 431 .*problem\+json.*HEADERS_TOO_LARGE/s);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });

  test('a body that is shorter than it says is nobody’s order', async () => {
    const gateway = await start();
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.end(
      'POST /v1/orders HTTP/1.1\r\nHost: a\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}',
    );
    await text(socket);
    expect(gateway.shop.placed).toEqual([]);
  });
});

/** Requests for orders that are answered when they are cancelled, or given up by `leave`. */
async function hang({ url, shop }: TestGateway, count: number): Promise<{ leave(): Promise<void> }> {
  const leaving = new AbortController();
  const get = () => fetch(`${url}/v1/orders/hanging`, { signal: leaving.signal });
  const gone = Promise.allSettled(Array.from({ length: count }, get));
  await eventually(() => expect(shop.hanging).toBe(count));
  return {
    async leave() {
      leaving.abort();
      await gone;
    },
  };
}

test('too many requests at once are told to come back', async () => {
  const gateway = await start({ maxInFlight: 2, timeout_ms: 60_000 });
  const { leave } = await hang(gateway, 2);
  const refused = await fetch(`${gateway.url}/v1/products/tea`);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ code: 'UNAVAILABLE', reason: 'OVERLOADED' });
  await leave();
  await eventually(async () => expect((await fetch(`${gateway.url}/v1/products/tea`)).status).toBe(200));
});

test('too many of one kind are refused before they are passed on, and others are not', async () => {
  const gateway = await start({ concurrency: { initial: 1, min: 1, queue: 0 }, timeout_ms: 60_000 });
  const { leave } = await hang(gateway, 1);
  const refused = await fetch(`${gateway.url}/v1/orders/7`);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(await refused.json()).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'OVERLOADED' });
  expect((await fetch(`${gateway.url}/v1/products/tea`)).status).toBe(200);
  await leave();
  await eventually(async () => expect((await fetch(`${gateway.url}/v1/orders/7`)).status).toBe(200));
});

describe('server-sent events', () => {
  test('one for each message, then end', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/v1/orders/7:watch`, { headers: { accept: 'text/event-stream' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const [first, second, end] = (await response.text()).split('\n\n');
    expect(JSON.parse(first!.slice('data: '.length))).toMatchObject({ orderId: '7', status: 'PENDING' });
    expect(JSON.parse(second!.slice('data: '.length))).toMatchObject({ orderId: '7', status: 'CONFIRMED' });
    expect(end).toBe('event: end\ndata: {}');
  });

  test('an error before the first is an ordinary answer, later it is an event', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/v1/orders/missing:watch`)).status).toBe(404);
    expect((await fetch(`${url}/v1/orders/7:watch`, { headers: { accept: 'application/json' } })).status).toBe(406);
    const events = await (await fetch(`${url}/v1/orders/broken:watch`)).text();
    expect(events).toMatch(/event: problem\ndata: \{.*"status":500/);
    expect(events).not.toMatch(/secret|event: end/);
  });

  test('heartbeats while nothing happens; a client that leaves ends the call', async () => {
    const { url, shop } = await start({ heartbeat_ms: 20 });
    const leaving = new AbortController();
    const response = await fetch(`${url}/v1/orders/forever:watch`, { signal: leaving.signal });
    let received = '';
    const reading = (async () => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) received += chunk;
    })();
    await eventually(() => expect(received).toMatch(/PENDING.*:\n\n:\n\n/s));
    leaving.abort();
    await expect(reading).rejects.toThrow();
    await eventually(() => expect(shop.cancelled).toBe(1));
  });

  test('only so many at a time', async () => {
    const { url } = await start({ maxStreams: 1 });
    const leaving = new AbortController();
    await fetch(`${url}/v1/orders/forever:watch`, { signal: leaving.signal });
    expect((await fetch(`${url}/v1/orders/forever:watch`)).status).toBe(503);
    leaving.abort();
    await eventually(async () => expect((await fetch(`${url}/v1/orders/7:watch`)).status).toBe(200));
  });
});

describe('draining', () => {
  test('before it begins, everything is answered, and clients are asked to leave', async () => {
    const { url, leave } = await start();
    expect((await fetch(`${url}/v1/orders/7`)).headers.get('connection')).toBe('keep-alive');
    leave();
    const { status, headers } = await fetch(`${url}/v1/orders/7`);
    expect([status, headers.get('connection')]).toEqual([200, 'close']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('before it begins, connections that are idle are closed; new ones are served', async () => {
    const { url, leave } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    leave();
    await once(socket.resume(), 'end');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('what is under way ends, what is open is closed, nothing new begins', async () => {
    const gateway = await start();
    const under = fetch(`${gateway.url}/v1/orders/slow`);
    const watching = await fetch(`${gateway.url}/v1/orders/forever:watch`);
    await sleep(50);
    const drained = gateway.drain(5000);
    const answer = await under;
    expect({ status: answer.status, connection: answer.headers.get('connection') }).toEqual({
      status: 200,
      connection: 'close',
    });
    expect(await watching.text()).not.toMatch(/event:/);
    await drained;
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow();
  });

  test('it does not wait for ever', async () => {
    const gateway = await start({ timeout_ms: 60_000 });
    const hanging = fetch(`${gateway.url}/v1/orders/hanging`);
    await sleep(50);
    await Promise.all([gateway.drain(100), expect(hanging).rejects.toThrow()]);
    await eventually(() => expect(gateway.shop.cancelled).toBe(1));
  });
});

describe('beside the API', () => {
  test('ready while the services are', async () => {
    const { url, shop } = await start();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      status: 'ready',
      services: { order: true, inventory: true, payment: true, coordinator: true },
    });
    shop.setServing(false);
    const response = await fetch(`${url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ detail: 'not ready: order, inventory, payment, coordinator' });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('pages load nothing from elsewhere', async () => {
    const { url } = await start();
    const seen = new Set<string>();
    const pages = ['/', '/docs'];
    for (const path of pages) {
      const response = await fetch(url + path);
      expect({ path, status: response.status }).toEqual({ path, status: 200 });
      expect(response.headers.get('content-security-policy')).toMatch("default-src 'self'");
      for (const [, found] of (await response.text()).matchAll(/(?:src|href)="([^"]+)"|from '([^']+)'/g))
        if (found) seen.add(found);
    }
    expect([...seen].filter((target) => !target.startsWith('/'))).toEqual([]);
    for (const target of seen) if (!target.startsWith('/v1')) expect((await fetch(url + target)).status).toBe(200);
  });

  test('the description is what is served', async () => {
    const { url } = await start();
    const { openapi, paths, components } = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
    expect(openapi).toBe('3.1.1');
    expect(Object.keys(paths)).toContain('/v1/orders/{orderId}:watch');
    expect(paths['/v1/orders'].post.parameters).toMatchObject([
      { name: 'Idempotency-Key', in: 'header', required: true },
    ]);
    expect(components.schemas['Order.Mode'].enum).toEqual(['SAGA', 'TCC', 'TWO_PHASE']);
    for (const [, name] of JSON.stringify(paths).matchAll(/#\/components\/schemas\/([\w.]+)/g)) {
      expect(Object.keys(components.schemas)).toContain(name);
    }
  });
});
