// What the platform is compared with: the writes of a checkout without the platform. One process makes them by four
// statements, each its own commit, in tables like those of the services, in the same PostgreSQL.
import { randomBytes } from 'node:crypto';
import { createDatabaseAndRole } from '@assent/postgres/embedded';
import pg from 'pg';
import { price_cents, type Shop } from '../load/shop.ts';
import type { Checkout } from './closedloop.ts';

export interface Reference {
  /** One checkout over the client's own connection. */
  checkout(client: number, sku: string, account: string): Promise<Checkout>;
  close(): Promise<void>;
}

const name = 'bench_reference';

const schema = `
  DROP TABLE IF EXISTS orders, stock, reservations, accounts, entries;
  CREATE TABLE orders (
    order_id uuid PRIMARY KEY, account_id text COLLATE "C" NOT NULL, mode text NOT NULL, status text NOT NULL,
    lines json NOT NULL, total bigint NOT NULL, currency text NOT NULL, rejection_code text, rejection_message text,
    cancellations integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 60);
  CREATE INDEX ON orders (account_id, order_id DESC);
  CREATE TABLE stock (
    sku text COLLATE "C" PRIMARY KEY, available bigint NOT NULL CHECK (available >= 0), reserved bigint NOT NULL DEFAULT 0,
    sold bigint NOT NULL DEFAULT 0, stocked bigint NOT NULL, CHECK (available + reserved + sold = stocked)
  ) WITH (fillfactor = 20);
  CREATE TABLE reservations (
    sku text COLLATE "C" NOT NULL, order_id uuid NOT NULL, quantity integer NOT NULL, state text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (sku, order_id)
  ) WITH (fillfactor = 80);
  CREATE TABLE accounts (
    account_id text COLLATE "C" PRIMARY KEY, currency text NOT NULL, balance bigint NOT NULL,
    held bigint NOT NULL DEFAULT 0, created_at timestamptz NOT NULL DEFAULT now(), CHECK (balance >= held)
  ) WITH (fillfactor = 50);
  CREATE TABLE entries (
    account_id text COLLATE "C" NOT NULL, entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY, kind text NOT NULL,
    amount bigint NOT NULL, order_id uuid, idempotency_key text COLLATE "C",
    created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (account_id, entry_id)
  );
  CREATE UNIQUE INDEX ON entries (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;`;

/** Prepared once per connection, as the services do it too. */
const statements = {
  insertOrder: `INSERT INTO orders (order_id, account_id, mode, status, lines, total, currency)
    VALUES (uuidv7(), $1, 'NONE', 'PENDING', $2, $3, 'EUR') RETURNING order_id`,
  reserveStock: `WITH taken AS (
      UPDATE stock SET available = available - 1, sold = sold + 1 WHERE sku = $1 AND available >= 1 RETURNING sku)
    INSERT INTO reservations (sku, order_id, quantity, state) SELECT sku, $2, 1, 'SOLD' FROM taken`,
  chargeAccount: `WITH paid AS (
      UPDATE accounts SET balance = balance - $3 WHERE account_id = $1 AND balance - held >= $3 RETURNING account_id)
    INSERT INTO entries (account_id, kind, amount, order_id) SELECT account_id, 'CHARGE', -$3::bigint, $2 FROM paid`,
  confirmOrder: `UPDATE orders SET status = 'CONFIRMED', updated_at = now() WHERE order_id = $1 AND status = 'PENDING'`,
} as const;

export async function openReference(adminUrl: string, shop: Shop, clients: number): Promise<Reference> {
  const password = randomBytes(18).toString('base64url');
  const connectionString = await createDatabaseAndRole(adminUrl, { database: name, role: name, password });
  // One that breaks fails the statements that are run on it.
  const connections = Array.from({ length: clients }, () => new pg.Client({ connectionString }).on('error', () => {}));
  await Promise.all(connections.map((connection) => connection.connect()));
  const [first] = connections;
  await first?.query(schema);
  await first?.query(
    'INSERT INTO stock (sku, available, stocked) SELECT sku, 1e9, 1e9 FROM unnest($1::text[]) AS sku',
    [shop.skus],
  );
  await first?.query(
    `INSERT INTO accounts (account_id, currency, balance) SELECT id, 'EUR', 1e12 FROM unnest($1::text[]) AS id`,
    [shop.accounts],
  );

  const run = (client: number, statement: keyof typeof statements, values: unknown[]) =>
    (connections[client] as pg.Client).query<{ order_id: string }>({
      name: statement,
      text: statements[statement],
      values,
    });
  return {
    async checkout(client, sku, account) {
      const lines = [{ sku, quantity: 1, unitPrice: { amount: String(price_cents), currency: 'EUR' } }];
      const { rows } = await run(client, 'insertOrder', [account, JSON.stringify(lines), price_cents]);
      const orderId = rows[0]?.order_id;
      const results = [
        await run(client, 'reserveStock', [sku, orderId]),
        await run(client, 'chargeAccount', [account, orderId, price_cents]),
        await run(client, 'confirmOrder', [orderId]),
      ];
      return results.every(({ rowCount }) => rowCount === 1) ? 'confirmed' : 'failed';
    },
    async close() {
      await Promise.all(connections.map((connection) => connection.end()));
    },
  };
}
