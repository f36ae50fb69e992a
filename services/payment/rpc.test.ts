import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Database } from '@assent/postgres';
import { PaymentService } from '@assent/protos';
import type { PaymentServiceHandlers } from '@assent/protos/payment/v1/PaymentService.ts';
import { type Client, connect, implement, type RpcError, type RpcServer, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { paymentService } from './rpc.ts';
import { post } from './store.ts';

let database: Database;
let server: RpcServer;
let payment: Client<PaymentServiceHandlers>;

beforeAll(async () => {
  database = await openTestDatabase([{ name: 'payment', directory: join(import.meta.dirname, 'migrations') }]);
  const log = createLogger({ service: 'test', level: 'silent' });
  const services = [implement(PaymentService, paymentService(database))];
  server = await serve({ host: '127.0.0.1', port: 0, services, log });
  payment = connect(PaymentService, { target: `127.0.0.1:${server.port}` });
});
afterAll(async () => {
  payment?.close();
  server?.close();
  await database?.close();
});

const eur = (amount: number | string) => ({ amount, currency: 'EUR' });
const deposit = { accountId: 'ann', amount: eur(100), idempotencyKey: 'monday' };

beforeEach(async () => {
  await database.query('TRUNCATE accounts, entries');
  await payment.createAccount({ accountId: 'ann', currency: 'EUR' });
});

/** All that is stored. */
async function everything(): Promise<unknown> {
  const tables = ['accounts', 'entries'];
  return Promise.all(tables.map(async (table) => (await database.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows));
}

const nastyIds = ['', "'; DROP TABLE accounts; --", '"', 'a\0b', '\ud800', 'é', 'x'.repeat(65), 'x'.repeat(10_240)];
const nastyKeys = ['', 'a\0b', '\ud800', 'é', 'x'.repeat(201), 'x'.repeat(10_240)];
const notFound = { code: 'NOT_FOUND', reason: 'ACCOUNT_NOT_FOUND' };

type Bad = [field: string, call: () => Promise<unknown>];

describe('a bad request names the field, and changes nothing', () => {
  test.each<Bad>([
    ...nastyIds.flatMap((accountId): Bad[] => [
      ['accountId', () => payment.getAccount({ accountId })],
      ['accountId', () => payment.createAccount({ accountId, currency: 'EUR' })],
      ['accountId', () => payment.depositMoney({ ...deposit, accountId })],
      ['accountId', () => payment.listEntries({ accountId })],
    ]),
    ...nastyKeys.map(
      (idempotencyKey): Bad => ['idempotencyKey', () => payment.depositMoney({ ...deposit, idempotencyKey })],
    ),
    ...['', 'eur', 'EURO', "E'R", '\0\0\0'].map(
      (currency): Bad => ['currency', () => payment.createAccount({ accountId: 'bob', currency })],
    ),
    ...[0, -1, '-9223372036854775808'].map(
      (amount): Bad => ['amount.amount', () => payment.depositMoney({ ...deposit, amount: eur(amount) })],
    ),
    ['amount.currency', () => payment.depositMoney({ ...deposit, amount: { amount: 1, currency: 'USD' } })],
    ['amount.currency', () => payment.depositMoney({ ...deposit, amount: { amount: 1 } })],
    ['amount', () => payment.depositMoney({ accountId: 'ann', idempotencyKey: 'k' })],
    ['pageSize', () => payment.listAccounts({ pageSize: 1001 })],
    ['pageSize', () => payment.listEntries({ accountId: 'ann', pageSize: -1 })],
    ...['x', '\0', 'x'.repeat(10_240)].flatMap((pageToken): Bad[] => [
      ['pageToken', () => payment.listAccounts({ pageToken })],
      ['pageToken', () => payment.listEntries({ accountId: 'ann', pageToken })],
    ]),
  ])('%s', async (field, call) => {
    const before = await everything();
    const error = await call().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field, description: expect.any(String) }] });
    expect((error as RpcError).message.length).toBeLessThan(300);
    expect(await everything()).toEqual(before);
  });
});

test('an account is opened once', async () => {
  await payment.depositMoney(deposit);
  expect((await payment.createAccount({ accountId: 'ann', currency: 'EUR' })).account).toEqual({
    accountId: 'ann',
    balance: eur('100'),
    held: eur('0'),
  });
  await expect(payment.createAccount({ accountId: 'ann', currency: 'USD' })).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
    reason: 'ACCOUNT_EXISTS',
  });
});

test('a deposit counts once, and its key is for nothing else', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => payment.depositMoney(deposit)));
  expect(answers.map(({ account }) => account?.balance)).toEqual([eur('100'), eur('100'), eur('100')]);
  await expect(payment.depositMoney({ ...deposit, amount: eur(101) })).rejects.toMatchObject({
    code: 'ALREADY_EXISTS',
    reason: 'IDEMPOTENCY_KEY_REUSED',
  });
  await expect(payment.depositMoney({ ...deposit, accountId: 'eve' })).rejects.toMatchObject(notFound);
  expect((await payment.getAccount({ accountId: 'ann' })).account?.balance).toEqual(eur('100'));
});

test('more than an account can hold is refused', async () => {
  await payment.depositMoney({ ...deposit, amount: eur('9223372036854775807') });
  await expect(payment.depositMoney({ ...deposit, idempotencyKey: 'tuesday' })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [{ field: 'amount.amount' }],
  });
  expect((await payment.getAccount({ accountId: 'ann' })).account?.balance).toEqual(eur('9223372036854775807'));
});

test.each(['__proto__', 'constructor'])('%s is an account like any other', async (accountId) => {
  await expect(payment.getAccount({ accountId })).rejects.toMatchObject(notFound);
  await payment.createAccount({ accountId, currency: 'USD' });
  expect((await payment.getAccount({ accountId })).account?.balance).toEqual({ amount: '0', currency: 'USD' });
});

test('accounts are listed page by page', async () => {
  for (const accountId of ['b', 'a', 'Z']) await payment.createAccount({ accountId, currency: 'EUR' });
  const first = await payment.listAccounts({ pageSize: 3 });
  const second = await payment.listAccounts({ pageSize: 3, pageToken: first.nextPageToken });
  expect([first, second].map(({ accounts }) => accounts.map(({ accountId }) => accountId))).toEqual([
    ['Z', 'a', 'ann'],
    ['b'],
  ]);
  expect(second.nextPageToken).toBe('');
});

test('the ledger is listed newest first, page by page', async () => {
  await payment.depositMoney(deposit);
  const orderId = randomUUID();
  await post(database, [{ accountId: 'ann', orderId, entry: { kind: 'CHARGE', amount: -30n } }]);
  const first = await payment.listEntries({ accountId: 'ann', pageSize: 1 });
  const second = await payment.listEntries({ accountId: 'ann', pageSize: 1, pageToken: first.nextPageToken });
  const common = { entryId: expect.stringMatching(/^\d+$/), accountId: 'ann', createTime: expect.anything() };
  expect(first.entries).toEqual([{ ...common, kind: 'CHARGE', amount: eur('-30'), orderId }]);
  expect(second).toEqual({
    entries: [{ ...common, kind: 'DEPOSIT', amount: eur('100'), orderId: '' }],
    nextPageToken: '',
  });
  await expect(payment.listEntries({ accountId: 'eve' })).rejects.toMatchObject(notFound);
});
