-- Ids and SKUs are ASCII: the C collation compares them fastest, and orders them the same everywhere.
CREATE TABLE products (
  sku text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  currency text NOT NULL,
  -- Of one, in minor units.
  price bigint NOT NULL CHECK (price >= 0),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Apart from products, because these rows change with every sale. The room left in their pages lets an update stay in its
-- page and leave the index alone.
CREATE TABLE stock (
  sku text COLLATE "C" PRIMARY KEY REFERENCES products,
  available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
  reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  sold bigint NOT NULL DEFAULT 0 CHECK (sold >= 0),
  -- All that was ever put in stock.
  stocked bigint NOT NULL DEFAULT 0,
  CHECK (available + reserved + sold = stocked)
) WITH (fillfactor = 20);

-- What orders have taken. No foreign key: a reservation is written by who holds the lock on its row of stock.
CREATE TABLE reservations (
  sku text COLLATE "C" NOT NULL,
  order_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  state text NOT NULL CHECK (state IN ('HELD', 'SOLD', 'RELEASED')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sku, order_id)
) WITH (fillfactor = 80);

CREATE TABLE restocks (
  sku text COLLATE "C" NOT NULL REFERENCES products,
  idempotency_key text COLLATE "C" NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (sku, idempotency_key)
);
