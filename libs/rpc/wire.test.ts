// What a server makes of bytes that no proper client sends.
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { eventually } from '@assent/testing';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fixture, gate, startFixture } from './testing/fixture.ts';

const METHOD = '/assent.inventory.v1.InventoryService/GetProduct';

let fixture: Fixture;
let session: ClientHttp2Session;
let aborted = 0;
const reached = gate();

beforeAll(async () => {
  fixture = await startFixture({
    async getProduct({ sku }, { signal }) {
      if (sku === 'wait') {
        signal.addEventListener('abort', () => (aborted += 1));
        reached.open();
        await once(signal, 'abort');
      }
      return { product: { sku } };
    },
  });
});
afterAll(() => fixture.close());

beforeEach(() => {
  session = connectHttp2(`http://${fixture.target}`).on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  const { product } = await fixture.inventory.getProduct({ sku: 'alive' });
  expect(product?.sku).toBe('alive');
});

interface Answer {
  readonly httpStatus: unknown;
  readonly code: number | undefined;
  readonly message: string;
}

/** Sends the bytes as the body of a call and waits for its status. */
async function send(body: Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const stream = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  const seen: IncomingHttpHeaders = {};
  for (const event of ['response', 'trailers'] as const) {
    stream.on(event, (headers: IncomingHttpHeaders) => Object.assign(seen, headers));
  }
  stream
    .on('error', () => {})
    .resume()
    .end(body);
  await new Promise((resolve) => stream.on('close', resolve));
  const code = seen['grpc-status'];
  return {
    httpStatus: seen[':status'],
    code: code === undefined ? undefined : Number(code),
    message: String(seen['grpc-message']),
  };
}

function frame(message: Buffer, { length = message.length, compressed = 0 } = {}): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(compressed, 0);
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}

/** As long as the server lives on. */
const ANY = 'any';
const REQUEST = Buffer.from([0x0a, 1, 0x61]); // sku = 'a'

describe('a server answers with a clear status', () => {
  test('a proper call', async () => {
    expect(await send(frame(REQUEST))).toMatchObject({ httpStatus: 200, code: status.OK });
  });

  test.each([
    ['a length prefix of 2^32 - 1', frame(REQUEST, { length: 2 ** 32 - 1 }), status.RESOURCE_EXHAUSTED],
    ['5 MB', frame(Buffer.alloc(5 * 1024 * 1024)), status.RESOURCE_EXHAUSTED],
    ['a frame that ends too early', frame(REQUEST, { length: 100 }), status.UNIMPLEMENTED],
    ['half a length prefix', frame(REQUEST).subarray(0, 3), status.UNIMPLEMENTED],
    ['nothing', Buffer.alloc(0), status.UNIMPLEMENTED],
    ['two messages', Buffer.concat([frame(REQUEST), frame(REQUEST)]), status.UNIMPLEMENTED],
    ['no protobuf', frame(Buffer.from('hello, world')), status.INTERNAL],
    ['a compressed message that is none', frame(REQUEST, { compressed: 1 }), status.OK],
  ])('%s', async (_name, body, code) => {
    const answer = await send(body);
    expect(answer).toMatchObject({ httpStatus: 200, code });
    expect(answer.message).not.toMatch(/ at |node_modules/);
  });

  test.each([
    ['a broken gzip body', { 'grpc-encoding': 'gzip' }, status.INTERNAL],
    ['an unknown encoding', { 'grpc-encoding': 'zstd' }, status.UNIMPLEMENTED],
  ])('%s', async (_name, headers, code) => {
    expect(await send(frame(REQUEST, { compressed: 1 }), headers)).toMatchObject({ code });
  });

  test.each([
    ['an unknown method', { ':path': '/assent.inventory.v1.InventoryService/Steal' }, status.UNIMPLEMENTED],
    ['a path of odd characters', { ':path': '/\u00e9 %00"\'<script>' }, ANY],
    ['__proto__', { ':path': '/__proto__' }, status.UNIMPLEMENTED],
    ['no timeout', { 'grpc-timeout': 'soon' }, status.INTERNAL],
    ['a timeout of no time', { 'grpc-timeout': '0m' }, ANY],
    ['the longest timeout', { 'grpc-timeout': '99999999H' }, ANY],
    ['details that are none', { 'grpc-status-details-bin': '!!' }, status.OK],
    ['a broken trace', { traceparent: 'x'.repeat(10_000) }, status.OK],
  ])('%s', async (_name, headers, code) => {
    const answer = await send(frame(REQUEST), headers);
    if (code !== ANY) expect(answer.code).toBe(code);
  });

  test('another content type', async () => {
    expect(await send(frame(REQUEST), { 'content-type': 'application/json' })).toMatchObject({ httpStatus: 415 });
  });
});

describe('a server lives on', () => {
  test('when a client goes in the middle of a call, which is cancelled', async () => {
    const stream = session.request({ ':method': 'POST', ':path': METHOD, 'content-type': 'application/grpc' });
    stream.on('error', () => {}).end(frame(Buffer.from([0x0a, 4, ...Buffer.from('wait')])));
    await reached.passed;
    session.destroy();
    await eventually(() => expect(aborted).toBe(1));
  });

  test('when someone does not even speak HTTP/2', async () => {
    const socket = connectTcp(fixture.server.port, '127.0.0.1').on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
  });

  test('when calls are begun and reset as fast as can be', async () => {
    for (let count = 0; count < 300; count++) {
      const stream = session.request({ ':method': 'POST', ':path': METHOD, 'content-type': 'application/grpc' });
      stream.on('error', () => {}).close(8);
    }
    await new Promise((resolve) => session.once('close', resolve).close());
  });
});
