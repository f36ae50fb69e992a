// Replicas that die, drain and come back while calls go on, each a process of its own.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InventoryService, ParticipantService } from '@assent/protos';
import { type ServiceProcess, startProcess } from '@assent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect, serviceTarget } from './client.ts';
import type { RpcError } from './errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'replicas-'));
const file = join(directory, 'endpoints.json');
const target = serviceTarget(`file://${file}#{service}`, 'inventory');
const inventory = connect(InventoryService, { target });
const participant = connect(ParticipantService, { target });
// A method of which the contract doesn't say that it may be repeated.
const { GetProduct } = InventoryService.definition;
const unsafe = { ...GetProduct!, options: { idempotency_level: 'IDEMPOTENCY_UNKNOWN' } };
const once = connect(
  { name: InventoryService.name, definition: { GetProduct: unsafe } } as unknown as typeof InventoryService,
  { target },
);
let replicas: ServiceProcess[] = [];

beforeAll(async () => {
  replicas = await Promise.all([startReplica(), startReplica()]);
});
beforeEach(publish);
afterAll(async () => {
  inventory.close();
  participant.close();
  once.close();
  await Promise.all(replicas.map((replica) => replica.stop('SIGKILL')));
  rmSync(directory, { recursive: true });
});

function startReplica(port = 0): Promise<ServiceProcess> {
  const replica = join(import.meta.dirname, 'testing/replica.ts');
  return startProcess({ file: replica, environment: { PORT: String(port) }, timeout_ms: 20_000 });
}

function publish(): void {
  const items = replicas.map(({ port }) => ({
    metadata: { name: `inventory-${port}`, labels: { 'kubernetes.io/service-name': 'inventory' } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  }));
  writeFileSync(`${file}.new`, JSON.stringify({ items }));
  renameSync(`${file}.new`, file);
}

/** Keeps twelve calls under way, four that are never tried again, and two streams of three messages, until `work` is done. */
async function underLoad(work: () => Promise<void>) {
  let done = false;
  const failures: RpcError[] = [];
  const broken: RpcError[] = [];
  const lost: RpcError[] = [];
  const callers = Array.from({ length: 12 }, async () => {
    while (!done) await inventory.getProduct({ sku: '3' }).catch((error) => failures.push(error));
  });
  const unsafeCallers = Array.from({ length: 4 }, async () => {
    while (!done) await once.getProduct({ sku: '3' }).catch((error) => lost.push(error));
  });
  const readers = Array.from({ length: 2 }, async () => {
    while (!done) await readAll().catch((error) => broken.push(error));
  });
  try {
    await sleep(200);
    await work();
    await sleep(200);
  } finally {
    done = true;
    await Promise.all([...callers, ...unsafeCallers, ...readers]);
  }
  return { failures, lost, broken };
}

async function readAll(): Promise<void> {
  let messages = 0;
  for await (const _ of participant.execute({ calls: [{ attempt: 2 }, { attempt: 2 }, { attempt: 2 }] })) messages += 1;
  expect(messages).toBe(3);
}

describe('no call is lost', () => {
  test('when replicas are killed and come back at another address', async () => {
    const { failures, broken } = await underLoad(async () => {
      for (let round = 0; round < 2; round++) {
        await replicas.shift()!.stop('SIGKILL');
        replicas.push(await startReplica());
        publish();
        await sleep(100);
      }
    });
    expect(failures).toEqual([]);
    // A stream that has begun can't be begun again; its reader must know.
    for (const error of broken) expect(error.code).toBe('UNAVAILABLE');
  });

  test('when a replica is killed and comes back at the same address', async () => {
    const { failures } = await underLoad(async () => {
      const { port, stop } = replicas.shift()!;
      await stop('SIGKILL');
      replicas.push(await startReplica(port));
      await sleep(300);
    });
    expect(failures).toEqual([]);
  });

  test('in a rolling update, not even without retries', async () => {
    const { failures, lost, broken } = await underLoad(async () => {
      for (let round = 0; round < 2; round++) {
        const old = replicas.shift()!;
        replicas.push(await startReplica());
        publish();
        expect(await old.stop('SIGTERM')).toBe(0);
      }
    });
    expect(failures).toEqual([]);
    expect(lost).toEqual([]);
    expect(broken).toEqual([]);
  });

  test('when a replica drains that its clients still believe in', async () => {
    const { failures, lost, broken } = await underLoad(async () => {
      expect(await replicas.shift()!.stop('SIGTERM')).toBe(0);
    });
    replicas.push(await startReplica());
    expect(failures).toEqual([]);
    expect(lost).toEqual([]);
    expect(broken).toEqual([]);
  });
});
