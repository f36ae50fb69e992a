-- The room left in the pages lets an update of a balance stay in its page and leave the index alone. Ids are ASCII: the C
-- collation compares them fastest, and orders them the same everywhere.
CREATE TABLE accounts (
  account_id text COLLATE "C" PRIMARY KEY,
  currency text NOT NULL,
  -- The sum of the account's entries, in minor units.
  balance bigint NOT NULL DEFAULT 0,
  -- The part of the balance that is set aside for charges that are not decided yet.
  held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  CHECK (balance >= held)
) WITH (fillfactor = 50);

-- The ledger: entries are added, never changed. No foreign key: an entry is written by who holds the lock on its account.
CREATE TABLE entries (
  account_id text COLLATE "C" NOT NULL,
  entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN ('DEPOSIT', 'CHARGE', 'REFUND')),
  -- What it adds to the balance.
  amount bigint NOT NULL CHECK (CASE kind WHEN 'CHARGE' THEN amount <= 0 ELSE amount >= 0 END),
  -- Of charges and refunds.
  order_id uuid CHECK ((order_id IS NULL) = (kind = 'DEPOSIT')),
  -- Of deposits.
  idempotency_key text COLLATE "C" CHECK ((idempotency_key IS NOT NULL) = (kind = 'DEPOSIT')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, entry_id)
);

CREATE UNIQUE INDEX entries_idempotency_key ON entries (account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
