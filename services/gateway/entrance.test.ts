import { OrderService } from '@assent/protos';
import { connect } from '@assent/rpc';
import { afterEach, describe, expect, test } from '@jest/globals';
import { operatorToken, startTestGateway, type TestGateway } from './fixture.ts';
import { type IsTrusted, parseProxies } from './limiting/address.ts';
import { createLimiter } from './limiting/limiter.ts';

// So slow that no test sees another request become possible.
const rate = { interval_us: 100_000_000, burst: 2 };
const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const open of closing.splice(0).reverse()) await open.close();
});

async function start(isTrusted: IsTrusted = () => false): Promise<TestGateway> {
  const gateway = await startTestGateway({}, { limit: { rate, limiter: createLimiter({ rate }), isTrusted } });
  closing.push(gateway);
  return gateway;
}

const rest = ({ url }: TestGateway, headers: Record<string, string> = {}) => fetch(`${url}/v1/orders/7`, { headers });

function grpc({ grpcPort }: TestGateway, metadata: Record<string, string> = {}) {
  const client = connect(OrderService, { target: `127.0.0.1:${grpcPort}` });
  closing.push(client);
  return client.getOrder({ orderId: '7' }, { metadata });
}

const refused = { code: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMITED' };

describe('a client that asks for more than it may', () => {
  test('is told so over HTTP, and how much is left before', async () => {
    const gateway = await start();
    const left: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      const { status, headers } = await rest(gateway);
      expect(headers.get('ratelimit-policy')).toBe('"client";q=2;w=200');
      left.push([status, headers.get('ratelimit'), headers.get('retry-after')]);
    }
    // Of the seconds some may be over.
    expect(left).toEqual([
      [200, expect.stringMatching(/^"client";r=1;t=(100|[6-9]\d)$/), null],
      [200, expect.stringMatching(/^"client";r=0;t=(200|1[6-9]\d)$/), null],
      [429, expect.stringMatching(/^"client";r=0;t=(200|1[6-9]\d)$/), expect.stringMatching(/^(100|[6-9]\d)$/)],
    ]);
    const answer = await rest(gateway);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 429, title: 'Too Many Requests', ...refused });
  });

  test('is told so by gRPC, and has one account for both', async () => {
    const gateway = await start();
    await rest(gateway);
    await grpc(gateway);
    const error = await grpc(gateway).catch((error: unknown) => error);
    expect(error).toMatchObject(refused);
    expect((error as { retryDelay_ms: number }).retryDelay_ms).toBeGreaterThan(60_000);
    expect((await rest(gateway)).status).toBe(429);
  });

  test('sees whether the gateway lives', async () => {
    const gateway = await start();
    for (let count = 0; count < 5; count++) expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect((await rest(gateway)).status).toBe(200);
  });
});

describe('a client is', () => {
  test('an operator, or an address', async () => {
    const gateway = await start();
    const operator = { authorization: `Bearer ${operatorToken}` };
    for (const status of [200, 200, 429]) expect((await rest(gateway)).status).toBe(status);
    for (const status of [200, 200, 429]) expect((await rest(gateway, operator)).status).toBe(status);
    // A token that is none makes nobody another.
    expect((await rest(gateway, { authorization: 'Bearer wrong' })).status).toBe(429);
  });

  test('not what it says of itself', async () => {
    const gateway = await start();
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) {
      statuses.push((await rest(gateway, { 'x-forwarded-for': `1.2.3.${count}` })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
    await expect(grpc(gateway, { 'x-forwarded-for': '1.2.3.4' })).rejects.toMatchObject(refused);
  });

  test('what a trusted proxy says', async () => {
    const gateway = await start(parseProxies('127.0.0.0/8, ::1'));
    for (const address of ['1.2.3.4', '9.9.9.9, 1.2.3.5', '1.2.3.6, 127.0.0.1']) {
      const from = { 'x-forwarded-for': address };
      expect([(await rest(gateway, from)).status, (await rest(gateway, from)).status]).toEqual([200, 200]);
      expect((await rest(gateway, from)).status).toBe(429);
      await expect(grpc(gateway, from)).rejects.toMatchObject(refused);
    }
  });
});
