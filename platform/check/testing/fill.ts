import { join } from 'node:path';
import { type TestDatabase, testDatabase } from '@assent/testing';
import pg from 'pg';
import { repository } from '../../config.ts';
import { type DatabaseName, databaseNames } from '../sources.ts';
import type { Branch, Tables } from './tables.ts';

const migrations = (name: string, directory: string) => ({
  name,
  directory: join(repository, directory, 'migrations'),
});
const participant = migrations('participant', 'libs/transactions/participant');
export const schemas = {
  orders: [migrations('order', 'services/order'), participant],
  inventory: [migrations('inventory', 'services/inventory'), participant],
  payments: [migrations('payment', 'services/payment'), participant],
  transactions: [migrations('coordinator', 'services/coordinator')],
} satisfies Record<DatabaseName, object[]>;

/** Databases of the services, for tests. */
export interface Databases {
  readonly urls: Readonly<Record<DatabaseName, string>>;
  run(database: DatabaseName, ...statements: string[]): Promise<void>;
  /** Adds what a shop has left. */
  fill(tables: Tables): Promise<void>;
  drop(): Promise<void>;
}

export async function openDatabases(): Promise<Databases> {
  const databases: TestDatabase[] = [];
  const urls = {} as Record<DatabaseName, string>;
  for (const name of databaseNames) {
    const database = await testDatabase(schemas[name]);
    databases.push(database);
    urls[name] = database.url;
  }

  async function query(database: DatabaseName, statements: readonly (readonly [string, unknown[]?])[]): Promise<void> {
    const client = new pg.Client({ connectionString: urls[database] });
    await client.connect();
    try {
      for (const [text, values] of statements) await client.query(text, values);
    } finally {
      await client.end();
    }
  }

  return {
    urls,
    run: (database, ...statements) =>
      query(
        database,
        statements.map((text) => [text] as const),
      ),
    async fill({ orders, products, stock, restocks, reservations, accounts, entries, transactions, barrier }) {
      const of = (participant: string) => barrier.filter((row) => participantOf(row, transactions) === participant);
      await query('orders', [
        insert(
          'orders',
          orders.map((order) => ({ ...order, currency: 'EUR' })),
        ),
        insert('barrier', of('order')),
      ]);
      await query('inventory', [
        insert('products', products),
        insert('stock', stock),
        insert('restocks', restocks),
        insert('reservations', reservations),
        insert('barrier', of('inventory')),
      ]);
      await query('payments', [
        insert('accounts', accounts),
        insert('entries', entries),
        insert('barrier', of('payment')),
      ]);
      const now = new Date();
      const rest = {
        version: 1,
        owner: 1,
        fingerprint: '',
        traceparent: '',
        created_at: now,
        deadline: now,
        ended_at: now,
      };
      await query('transactions', [
        insert(
          'transactions',
          transactions.map(({ branches, ...row }) => ({ ...row, ...rest, branches: branches.map(definition) })),
        ),
      ]);
    },
    async drop() {
      for (const database of databases) await database.drop();
    },
  };
}

function participantOf(row: { transaction_id: string; branch: number }, transactions: Tables['transactions']): string {
  const transaction = transactions.find(({ transaction_id }) => transaction_id === row.transaction_id);
  return transaction?.branches[row.branch]?.participant ?? '';
}

function definition({ payload, ...branch }: Branch): object {
  const amount = { amount: String(payload.amount), currency: 'EUR' };
  return { ...branch, after: [], payload: JSON.stringify({ ...payload, amount }) };
}

/** Columns that no row has get their defaults. */
function insert(table: string, rows: readonly object[]): readonly [string, unknown[]] {
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  if (columns === '') return ['SELECT', []];
  return [
    `INSERT INTO ${table} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
    [JSON.stringify(rows)],
  ];
}
