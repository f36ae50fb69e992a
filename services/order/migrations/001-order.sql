-- An order's lines are only ever read and written with the order, so they live in it. The room left in the pages lets a
-- change of status stay in its page and leave the indexes alone.
CREATE TABLE orders (
  -- Also the id of the transaction that places the order; its first bits are the time.
  order_id uuid PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL,
  mode text NOT NULL CHECK (mode IN ('SAGA', 'TCC', 'TWO_PHASE')),
  status text NOT NULL CHECK (status IN ('PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLING', 'CANCELLED')),
  -- [{"sku", "quantity", "unitPrice": {"amount", "currency"}}]
  lines json NOT NULL,
  -- In minor units of the currency.
  total bigint NOT NULL,
  currency text NOT NULL,
  -- Why it is REJECTED.
  rejection_code text CHECK ((rejection_code IS NOT NULL) = (status = 'REJECTED')),
  rejection_message text,
  -- How many attempts to cancel it have come to nothing.
  cancellations integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 60);

CREATE INDEX orders_account ON orders (account_id, order_id DESC);
