import { once } from 'node:events';
import { type ClientHttp2Session, connect as http2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { InventoryService } from '@assent/protos';
import { eventually } from '@assent/testing';
import { expect, test } from '@jest/globals';
import { connect } from './client.ts';
import { gate } from './testing/fixture.ts';
import { fixtures } from './testing/fixtures.ts';

const { open, fixture } = fixtures();

/** A client that never tries a call again, whatever the contract says. */
function onceClient(target: string) {
  const { GetProduct } = InventoryService.definition;
  const definition = { GetProduct: { ...GetProduct!, options: { idempotency_level: 'IDEMPOTENCY_UNKNOWN' } } };
  const client = connect({ name: InventoryService.name, definition } as unknown as typeof InventoryService, { target });
  open.push(client);
  return client;
}

test('connections that grow old are renewed under load, and no call is lost', async () => {
  const { target } = await fixture(
    {
      async getProduct() {
        await sleep(Math.random() * 10);
        return {};
      },
    },
    { limits: { maxConnectionAge_ms: 100 } },
  );
  const failures: unknown[] = [];
  let answered = 0;
  let ended = 0;
  const watched = http2(`http://${target}`).on('goaway', () => ended++);
  open.push({ close: () => watched.destroy() });
  const callers = Array.from({ length: 4 }, () => onceClient(target)).flatMap((client) =>
    Array.from({ length: 20 }, async () => {
      while (answered < 500 || ended === 0) {
        await client.getProduct({}).then(
          () => answered++,
          (error) => failures.push(error),
        );
      }
    }),
  );
  await Promise.all(callers);
  expect(failures).toEqual([]);
});

test('a connection that grows old lets its calls end', async () => {
  const [begun, go] = [gate(), gate()];
  const { target } = await fixture(
    {
      async getProduct({ sku }) {
        if (sku !== 'slow') return {};
        begun.open();
        await go.passed;
        return { product: { sku } };
      },
    },
    { limits: { maxConnectionAge_ms: 20 } },
  );
  const client = onceClient(target);
  const slow = client.getProduct({ sku: 'slow' });
  await begun.passed;
  await sleep(200);
  await client.getProduct({ sku: 'quick' });
  go.open();
  expect(await slow).toMatchObject({ product: { sku: 'slow' } });
});

test('there are only so many connections', async () => {
  const { target } = await fixture({}, { limits: { maxConnections: 2 } });
  const dial = () => {
    const session = http2(`http://${target}`).on('error', () => {});
    open.push({ close: () => session.destroy() });
    return session;
  };
  const accepted = (session: ClientHttp2Session) =>
    Promise.race([once(session, 'remoteSettings').then(() => true), once(session, 'close').then(() => false)]);
  const first = dial();
  expect([await accepted(first), await accepted(dial()), await accepted(dial())]).toEqual([true, true, false]);
  first.destroy();
  await eventually(async () => expect(await accepted(dial())).toBe(true));
});
