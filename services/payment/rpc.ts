// PaymentService.
import { keyReused, pageOf, read, timestamp } from '@assent/messages';
import { formatMoney } from '@assent/money';
import { type Database, type Sql, sqlState } from '@assent/postgres';
import type { AccountInput } from '@assent/protos/payment/v1/Account.ts';
import type { EntryInput } from '@assent/protos/payment/v1/Entry.ts';
import type { PaymentServiceHandlers } from '@assent/protos/payment/v1/PaymentService.ts';
import { type Implementation, invalid, RpcError } from '@assent/rpc';
import type { Account } from './ledger.ts';
import * as store from './store.ts';

export function paymentService(database: Database): Implementation<PaymentServiceHandlers> {
  async function account(accountId: string, sql: Sql = database): Promise<Account> {
    const found = await store.getAccount(sql, accountId);
    if (!found) throw new RpcError('NOT_FOUND', 'there is no account with this id', { reason: 'ACCOUNT_NOT_FOUND' });
    return found;
  }

  return {
    async createAccount(request) {
      const { accountId, currency } = read((is) => ({
        accountId: is.id('accountId', request.accountId),
        currency: is.currency('currency', request.currency),
      }));
      const added = await store.insertAccount(database, accountId, currency);
      const found = await account(accountId);
      if (!added && found.currency !== currency) {
        throw new RpcError('ALREADY_EXISTS', 'there is an account with this id in another currency', {
          reason: 'ACCOUNT_EXISTS',
        });
      }
      return { account: toMessage(found) };
    },

    async getAccount(request, { signal }) {
      const accountId = read((is) => is.id('accountId', request.accountId));
      return { account: toMessage(await account(accountId, database.until(signal))) };
    },

    async listAccounts(request, { signal }) {
      const page = read((is) => is.page(request, 'accounts', 'id'));
      const rows = await store.listAccounts(database.until(signal), page);
      const { items, nextPageToken } = pageOf(page, rows, ({ accountId }) => accountId);
      return { accounts: items.map(toMessage), nextPageToken };
    },

    async depositMoney(request) {
      const { accountId, amount, key } = read((is) => ({
        accountId: is.id('accountId', request.accountId),
        amount: is.money('amount', request.amount, 1n),
        key: is.idempotencyKey(request.idempotencyKey),
      }));
      const added = await store.deposit(database, accountId, amount, key).catch(tooMuch);
      const found = await account(accountId);
      if (found.currency !== amount.currency) {
        throw invalid([{ field: 'amount.currency', description: `must be the account's, ${found.currency}` }]);
      }
      if (!added && (await store.deposited(database, accountId, key)) !== amount.amount) throw keyReused();
      return { account: toMessage(found) };
    },

    async listEntries(request, { signal }) {
      const { accountId, page } = read((is) => ({
        accountId: is.id('accountId', request.accountId),
        page: is.page(request, `entries of ${request.accountId}`, 'int64'),
      }));
      const sql = database.until(signal);
      const { currency } = await account(accountId, sql);
      const rows = await store.listEntries(sql, accountId, page);
      const { items, nextPageToken } = pageOf(page, rows, ({ entryId }) => String(entryId));
      return { entries: items.map((entry) => toEntry(accountId, currency, entry)), nextPageToken };
    },
  };
}

function toMessage({ accountId, currency, balance, held }: Account): AccountInput {
  return {
    accountId,
    balance: formatMoney({ amount: balance, currency }),
    held: formatMoney({ amount: held, currency }),
  };
}

function toEntry(accountId: string, currency: string, entry: store.Entry): EntryInput {
  return {
    entryId: String(entry.entryId),
    accountId,
    kind: entry.kind,
    amount: formatMoney({ amount: entry.amount, currency }),
    orderId: entry.orderId ?? '',
    createTime: timestamp(entry.createdAt),
  };
}

function tooMuch(error: unknown): never {
  // numeric_value_out_of_range
  if (sqlState(error) !== '22003') throw error;
  throw invalid([{ field: 'amount.amount', description: 'is more than the account can hold' }]);
}
