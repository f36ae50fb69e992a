// All SQL of the payments.
import type { Page } from '@assent/messages';
import type { Money } from '@assent/money';
import type { Sql } from '@assent/postgres';
import type { Account } from './ledger.ts';

export interface Entry {
  readonly entryId: bigint;
  readonly kind: 'DEPOSIT' | 'CHARGE' | 'REFUND';
  /** What it adds to the balance, in the account's minor units. */
  readonly amount: bigint;
  readonly orderId: string | null;
  readonly createdAt: Date;
}

/** What one branch changes in an account. */
export interface Posting {
  readonly accountId: string;
  readonly orderId: string;
  /** The entry that it makes, and by how much that changes the balance. */
  readonly entry?: { readonly kind: 'CHARGE' | 'REFUND'; readonly amount: bigint };
  /** By how much it changes what is set aside. */
  readonly held?: bigint;
}

/** Opens an account without money; false when there is one with this id. */
export async function insertAccount(sql: Sql, accountId: string, currency: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    'INSERT INTO accounts (account_id, currency) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [accountId, currency],
  );
  return rowCount === 1;
}

export async function getAccount(sql: Sql, accountId: string): Promise<Account | undefined> {
  const { rows } = await sql.query<AccountRow>(`${selectAccounts} WHERE account_id = $1`, [accountId]);
  return rows.map(toAccount)[0];
}

/** By id. One more than fits the page. */
export async function listAccounts(sql: Sql, { after, size }: Page): Promise<Account[]> {
  const { rows } = await sql.query<AccountRow>(`${selectAccounts} WHERE account_id > $1 ORDER BY account_id LIMIT $2`, [
    after ?? '',
    size + 1,
  ]);
  return rows.map(toAccount);
}

/** Newest first. One more than fits the page. */
export async function listEntries(sql: Sql, accountId: string, { after, size }: Page): Promise<Entry[]> {
  const { rows } = await sql.query<EntryRow>(
    `SELECT entry_id, kind, amount, order_id, created_at FROM entries
     WHERE account_id = $1 AND entry_id < $2 ORDER BY entry_id DESC LIMIT $3`,
    [accountId, after ?? 2n ** 63n - 1n, size + 1],
  );
  return rows.map(({ entry_id, kind, amount, order_id, created_at }) => ({
    entryId: entry_id,
    kind,
    amount,
    orderId: order_id,
    createdAt: created_at,
  }));
}

/** Adds money once for each idempotency key; false when the key has been used or there is no such account in this currency. */
export async function deposit(sql: Sql, accountId: string, amount: Money, idempotencyKey: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `WITH locked AS (
       SELECT account_id FROM accounts WHERE account_id = $1 AND currency = $2 FOR UPDATE
     ), added AS (
       INSERT INTO entries (account_id, kind, amount, idempotency_key) SELECT account_id, 'DEPOSIT', $3, $4 FROM locked
       ON CONFLICT (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
       RETURNING account_id, amount
     )
     UPDATE accounts a SET balance = a.balance + added.amount FROM added WHERE a.account_id = added.account_id`,
    [accountId, amount.currency, amount.amount, idempotencyKey],
  );
  return rowCount === 1;
}

/** How much an idempotency key has added. */
export async function deposited(sql: Sql, accountId: string, idempotencyKey: string): Promise<bigint | undefined> {
  const { rows } = await sql.query<{ amount: bigint }>(
    'SELECT amount FROM entries WHERE account_id = $1 AND idempotency_key = $2',
    [accountId, idempotencyKey],
  );
  return rows[0]?.amount;
}

/** Those of the accounts that exist, locked in the order of their ids until the database transaction ends. */
export async function lockAccounts(sql: Sql, accountIds: readonly string[]): Promise<Account[]> {
  const { rows } = await sql.query<AccountRow>(
    `${selectAccounts} WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE`,
    [accountIds],
  );
  return rows.map(toAccount);
}

/** Writes entries, balances and what is set aside. Throws when an account doesn't exist. */
export async function post(sql: Sql, postings: readonly Posting[]): Promise<void> {
  const { rows } = await sql.query<{ accounts: bigint }>(
    `WITH posting AS (
       SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
         AS posting (account_id, order_id, kind, amount, held)
     ), change AS (
       SELECT account_id, sum(amount) AS amount, sum(held) AS held FROM posting GROUP BY account_id
     ), locked AS (
       SELECT account_id FROM accounts WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE
     ), changed AS (
       UPDATE accounts a SET balance = a.balance + c.amount, held = a.held + c.held
       FROM locked JOIN change c USING (account_id) WHERE a.account_id = locked.account_id
       RETURNING a.account_id
     ), added AS (
       INSERT INTO entries (account_id, order_id, kind, amount)
       SELECT account_id, order_id, kind, amount FROM posting JOIN changed USING (account_id) WHERE kind IS NOT NULL
     )
     SELECT count(*) AS accounts FROM changed`,
    [
      postings.map(({ accountId }) => accountId),
      postings.map(({ orderId }) => orderId),
      postings.map(({ entry }) => entry?.kind ?? null),
      postings.map(({ entry }) => entry?.amount ?? 0n),
      postings.map(({ held }) => held ?? 0n),
    ],
  );
  const missing = new Set(postings.map(({ accountId }) => accountId)).size - Number(rows[0]?.accounts);
  if (missing > 0) throw new Error(`${missing} of the accounts don't exist`);
}

const selectAccounts = 'SELECT account_id, currency, balance, held FROM accounts';

interface AccountRow {
  account_id: string;
  currency: string;
  balance: bigint;
  held: bigint;
}

interface EntryRow {
  entry_id: bigint;
  kind: Entry['kind'];
  amount: bigint;
  order_id: string | null;
  created_at: Date;
}

function toAccount({ account_id, ...row }: AccountRow): Account {
  return { accountId: account_id, ...row };
}
