// The way in by TLS.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { connect } from 'node:net';
import { buffer, json } from 'node:stream/consumers';
import { type EdgeTls, openEdgeTls } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { type Authority, createAuthority, type SecretDirectory, secretDirectory } from '@assent/testing/certificates';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestGateway, type TestGateway } from './fixture.ts';

const servername = 'shop.example';
const log = createLogger({ service: 'test', level: 'silent' });

let authority: Authority;
let directory: SecretDirectory;
let tls: EdgeTls;
let gateway: TestGateway;

beforeAll(async () => {
  authority = await createAuthority();
  directory = await secretDirectory(await authority.issue([servername], { usages: ['server'] }));
  tls = await openEdgeTls({ directory: directory.path, log });
  gateway = await startTestGateway({ tls });
});
afterAll(async () => {
  await gateway.close();
  tls.close();
  directory.close();
});

async function getOrder(): Promise<unknown> {
  const request = get(`${gateway.url}/v1/orders/7`, { ca: authority.cert, servername, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return json(response);
}

test('REST', async () => {
  expect(await getOrder()).toMatchObject({ orderId: '7' });
});

test('gRPC', async () => {
  const session = connectHttp2(`https://127.0.0.1:${gateway.grpcPort}`, { ca: authority.cert, servername });
  const headers = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };
  const check = session.request({ ...headers, ':path': '/grpc.health.v1.Health/Check' });
  // An empty message, and SERVING.
  check.end(Buffer.alloc(5));
  expect([...(await buffer(check))]).toEqual([0, 0, 0, 0, 2, 8, 1]);
  session.destroy();
});

test('who speaks plain HTTP is hung up on', async () => {
  for (const port of [Number(new URL(gateway.url).port), gateway.grpcPort]) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write('GET /v1/orders/7 HTTP/1.1\r\nhost: shop.example\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
  }
  expect(await getOrder()).toMatchObject({ orderId: '7' });
});
