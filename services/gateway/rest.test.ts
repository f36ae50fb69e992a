import { serveMetrics } from '@assent/telemetry/scrape';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { operatorToken, order, startTestGateway, type TestGateway } from './fixture.ts';
import { createIdentify } from './operators/identify.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});

afterAll(() => gateway.close());

const json = { 'content-type': 'application/json' };
const goodOrder = { accountId: 'alice', lines: [{ sku: 'tea', quantity: 2 }], mode: 'SAGA' };

async function send(method: string, path: string, options: { body?: unknown; headers?: Record<string, string> } = {}) {
  const { body, headers } = options;
  const response = await fetch(gateway.url + path, {
    method,
    headers: { ...(body !== undefined && json), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    type,
    body: text && type.includes('json') ? JSON.parse(text) : text,
  };
}

function place(body: unknown, key = 'key-1') {
  return send('POST', '/v1/orders', { body, headers: { 'idempotency-key': key } });
}

describe('what the contract says', () => {
  test('an order is placed with the key of the header, and answered with 201', async () => {
    const { status, type, body } = await place(goodOrder, 'key-7');
    expect(status).toBe(201);
    expect(type).toMatch('application/json');
    expect(gateway.shop.placed.at(-1)).toEqual({ ...goodOrder, idempotencyKey: 'key-7' });
    expect(body).toEqual({ ...order, ...goodOrder, createTime: '2026-01-01T00:00:00.120Z' });
  });

  test('fields come from the path', async () => {
    expect(await send('GET', '/v1/orders/a%2Fb%20c')).toMatchObject({ status: 200, body: { orderId: 'a/b c' } });
    expect((await send('GET', '/v1/orders/7%3Acancel')).body.orderId).toBe('7:cancel');
  });

  test('fields come from the query, by either name', async () => {
    expect((await send('GET', '/v1/orders?accountId=alice&pageSize=7&page_token=x%26')).body).toEqual({
      orders: [],
      nextPageToken: 'alice/7/x&',
    });
    expect((await send('GET', '/v1/transactions?state=ABORTED')).body.transactions[0].state).toBe('ABORTED');
    expect((await send('GET', '/v1/transactions?state=5')).body.transactions[0].state).toBe('ABORTED');
    const [filtered] = (await send('GET', '/v1/transactions?minAge=30.5s&kind=RESERVED&participant=payment')).body
      .transactions;
    expect(JSON.parse(filtered.traceparent)).toEqual({
      minAge: { seconds: '30', nanos: 500_000_000 },
      kind: 'RESERVED',
      participant: 'payment',
    });
  });

  test('custom verbs', async () => {
    expect(await send('POST', '/v1/orders/7:cancel')).toMatchObject({
      status: 200,
      body: { orderId: '7', status: 'CANCELLED' },
    });
    const headers = { 'idempotency-key': 'k' };
    const restocked = await send('POST', '/v1/products/tea:restock', { body: { quantity: '12345678901' }, headers });
    expect(restocked).toMatchObject({ status: 200, body: { sku: 'tea', available: '12345678901', reserved: '0' } });
    const deposited = await send('POST', '/v1/accounts/a:deposit', {
      body: { amount: { amount: 7, currency: 'EUR' } },
      headers,
    });
    expect(deposited.body).toEqual({ accountId: 'a', balance: { amount: '7', currency: 'EUR' } });
  });

  test('64-bit integers are strings', async () => {
    const { body } = await send('GET', '/v1/transactions/t');
    expect(body).toEqual({
      transactionId: 't',
      branches: [],
      owner: '18446744073709551615',
      traceparent: '',
      progress: [],
      ownerAddress: '',
      acts: [],
    });
  });

  test('HEAD is GET without a body', async () => {
    expect(await send('HEAD', '/v1/orders/7')).toMatchObject({ status: 200, body: '' });
  });

  test('an empty body is an empty message', async () => {
    expect((await send('POST', '/v1/products', { headers: json })).status).toBe(201);
  });
});

describe('requests that are refused', () => {
  test.each([
    [{ ...goodOrder, colour: 'red' }, 'colour'],
    [{ ...goodOrder, mode: 'FAST' }, 'mode'],
    [{ ...goodOrder, idempotencyKey: 'key-1' }, 'idempotencyKey'],
    [{ ...goodOrder, lines: [{ sku: 'tea', quantity: 1.5 }] }, 'lines[0].quantity'],
    [{ ...goodOrder, lines: [{ sku: 'tea', quantity: 2 ** 31 }] }, 'lines[0].quantity'],
    [{ ...goodOrder, lines: [{ sku: 'tea', quantity: 2 ** 63 }] }, 'lines[0].quantity'],
    [{ ...goodOrder, accountId: '\ud800' }, 'accountId'],
    ['{"__proto__": {"mode": "SAGA"}}', '__proto__'],
    ['{"constructor": {"prototype": {}}}', 'constructor'],
  ])('%j', async (body, field) => {
    const before = gateway.shop.placed.length;
    const answer = await place(body);
    expect(answer).toMatchObject({
      status: 400,
      type: expect.stringMatching('application/problem\\+json'),
      body: {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'INVALID_ARGUMENT',
        violations: [{ field }],
      },
    });
    expect(gateway.shop.placed).toHaveLength(before);
  });

  test.each(['{', 'tea', '{"accountId": "a", "accountId": "b"}'])('the body %s', async (body) => {
    const answer = await place(body);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'INVALID_ARGUMENT', detail: expect.stringMatching('^the body ') },
    });
  });

  test.each([undefined, '', 'x'.repeat(201), 'x'.repeat(10_000), 'caf\u00e9', 'a\tb'])(
    'the idempotency key %#',
    async (key) => {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      const answer = await send('POST', '/v1/orders', { body: goodOrder, headers });
      expect(answer).toMatchObject({ status: 400, body: { violations: [{ field: 'Idempotency-Key' }] } });
    },
  );

  test.each([
    '?page_size=x',
    '?pageSize=1.5',
    '?minAge=1s',
    '?pageSize=1&page_size=1',
    '?pageSize=1&pageSize=2',
    '?page=1',
    '?__proto__=1',
  ])('the query %s', async (query) => {
    expect(await send('GET', `/v1/orders${query}`)).toMatchObject({ status: 400, body: { violations: [{}] } });
  });

  test('an unknown enum in the query, with what is known', async () => {
    const { body } = await send('GET', '/v1/transactions?state=DONE');
    expect(body.detail).toBe('state: must be one of RUNNING, COMMITTING, COMMITTED, ABORTING, ABORTED, PARKED');
  });

  test('a query where the body has all fields', async () => {
    const headers = { 'idempotency-key': 'k' };
    const answer = await send('POST', '/v1/orders?mode=TCC', { body: goodOrder, headers });
    expect(answer).toMatchObject({ status: 400, body: { violations: [{ field: 'mode' }] } });
  });

  test('a field of the path in the body', async () => {
    const answer = await send('POST', '/v1/orders/7:cancel', { body: { orderId: '7' } });
    expect(answer.body.violations).toEqual([{ field: 'orderId', description: 'is taken from the path' }]);
  });

  test.each([
    ['GET', '/v1/nothing', 404, 'UNKNOWN_PATH'],
    ['GET', '/v1/orders/', 404, 'UNKNOWN_PATH'],
    ['GET', '/elsewhere', 404, 'UNKNOWN_PATH'],
    ['GET', '/v1/coordinator:run', 404, 'UNKNOWN_PATH'],
    ['DELETE', '/v1/orders/7', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/orders/7:cancel', 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/openapi.json', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v1/orders/%zz', 400, undefined],
    ['GET', '/v1/orders/%ED%A0%80', 400, undefined],
    ['GET', '/%zz', 400, undefined],
  ])('%s %s is %i', async (method, path, status, reason) => {
    const answer = await send(method, path);
    expect(answer).toMatchObject({ status, type: expect.stringMatching('problem'), body: { status } });
    expect(answer.body.reason).toBe(reason);
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/^(GET|POST)/);
  });

  test('media types that are not JSON', async () => {
    const headers = { 'idempotency-key': 'k', 'content-type': 'text/plain' };
    expect(await send('POST', '/v1/orders', { body: goodOrder, headers })).toMatchObject({
      status: 415,
      body: { reason: 'UNSUPPORTED_MEDIA_TYPE' },
    });
    expect(await send('GET', '/v1/orders', { headers: { accept: 'text/html, application/json;q=0' } })).toMatchObject({
      status: 406,
      body: { reason: 'NOT_ACCEPTABLE' },
    });
    expect((await send('GET', '/v1/orders', { headers: { accept: 'text/html, application/*;q=0.5' } })).status).toBe(
      200,
    );
  });

  test('a body of 10 MB, whose sender is told so', async () => {
    for (let time = 0; time < 5; time++) {
      const answer = await place(`"${'x'.repeat(10_000_000)}"`);
      expect(answer).toMatchObject({ status: 413, body: { reason: 'BODY_TOO_LARGE' } });
    }
  });
});

describe('what the services say', () => {
  test.each([
    ['missing', 404, 'NOT_FOUND', 'no such order'],
    ['reused', 422, 'ALREADY_EXISTS', 'the key was used'],
    ['exists', 409, 'ALREADY_EXISTS', 'it is there'],
    ['not-yet', 409, 'FAILED_PRECONDITION', 'not now'],
    ['busy', 503, 'RESOURCE_EXHAUSTED', 'too much at once, try again later'],
    ['broken', 500, 'INTERNAL', 'internal error'],
    ['hanging', 504, 'DEADLINE_EXCEEDED', 'it took too long; whether it has happened is open'],
  ])('%s is %i', async (orderId, status, code, detail) => {
    const answer = await send('GET', `/v1/orders/${orderId}`);
    expect(answer).toMatchObject({ status, body: { status, code, detail } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    if (status === 503) expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('down is 503', async () => {
    const answer = await send('GET', '/v1/orders/down');
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'UNAVAILABLE', detail: 'not available now, try again later' },
    });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('violations come through', async () => {
    const { status, body } = await place({ ...goodOrder, accountId: 'invalid' });
    expect({ status, violations: body.violations }).toEqual({
      status: 400,
      violations: [{ field: 'accountId', description: 'no such account' }],
    });
  });
});

test('requests are measured by route and status', async () => {
  const metrics = await serveMetrics({ host: '127.0.0.1', port: 0 });
  try {
    await send('GET', '/v1/accounts/a');
    const text = await (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();
    const labels = 'http_request_method="GET",http_route="/v1/accounts/{account_id}",http_response_status_code="501"';
    expect(text).toContain(`http_server_request_duration_seconds_count{${labels}} 1\n`);
  } finally {
    metrics.close();
  }
});

describe('what is for operators only', () => {
  const retry = (headers: Record<string, string>) =>
    send('POST', '/v1/transactions/t:retry', { body: { reason: 'mended' }, headers });

  test('is done for whoever has a token, in the name of its operator', async () => {
    const headers = { authorization: `Bearer ${operatorToken}`, 'assent-operator': 'mallory' };
    expect(await retry(headers)).toMatchObject({ status: 200, body: { transactionId: 't' } });
    expect(gateway.shop.acts.at(-1)).toEqual({
      request: { transactionId: 't', reason: 'mended' },
      operator: ['alice'],
    });
  });

  test('is told the services of other calls too', async () => {
    const acts = async (headers: Record<string, string>) =>
      (await send('GET', '/v1/transactions/t', { headers })).body.acts;
    expect(await acts({ authorization: `Bearer ${operatorToken}` })).toMatchObject([{ operator: 'alice' }]);
    expect(await acts({ authorization: 'Bearer wrong', 'assent-operator': 'alice' })).toEqual([]);
  });

  test('is refused to everybody else', async () => {
    const before = gateway.shop.acts.length;
    const anonymous = await retry({});
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' } });
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
    expect(await retry({ 'assent-operator': 'alice' })).toMatchObject({ status: 401 });
    expect(await retry({ authorization: 'Basic YTpi' })).toMatchObject({ status: 401 });
    for (const token of ['wrong', operatorToken.slice(1), `${operatorToken}x`]) {
      const stranger = await retry({ authorization: `Bearer ${token}` });
      expect(stranger).toMatchObject({ status: 403, body: { code: 'PERMISSION_DENIED', reason: 'OPERATORS_ONLY' } });
      expect(JSON.stringify(stranger.body)).not.toContain(token);
    }
    expect(gateway.shop.acts).toHaveLength(before);
  });

  test('says so in the description of the API', async () => {
    const { paths, components } = (await send('GET', '/openapi.json')).body;
    expect(components.securitySchemes.operator).toMatchObject({ type: 'http', scheme: 'bearer' });
    for (const act of ['retry', 'skip', 'abort', 'resolve']) {
      expect(paths[`/v1/transactions/{transactionId}:${act}`].post.security).toEqual([{ operator: [] }]);
    }
    expect(paths['/v1/transactions'].get.security).toBeUndefined();
    expect((await send('GET', '/v1/transactions')).status).toBe(200);
  });

  test('is for nobody where no operator is configured', async () => {
    const closed = await startTestGateway({}, { identify: createIdentify([]) });
    try {
      const url = `${closed.url}/v1/transactions/t:retry`;
      const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${operatorToken}` } });
      const { detail } = (await response.json()) as { detail: string };
      expect([response.status, detail]).toEqual([403, expect.stringContaining('OPERATOR_TOKENS')]);
    } finally {
      await closed.close();
    }
  });
});

test('a client that goes away cancels its call', async () => {
  const before = gateway.shop.cancelled;
  await expect(fetch(`${gateway.url}/v1/orders/hanging`, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(gateway.shop.cancelled).toBe(before + 1);
});
