-- Incarnations of coordinators. A row's epoch fences what its coordinator writes: once `fenced`, it owns nothing more.
CREATE TABLE coordinators (
  epoch       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL,
  lease_until timestamptz NOT NULL,
  fenced      boolean NOT NULL DEFAULT false
);

CREATE TABLE transactions (
  transaction_id    uuid PRIMARY KEY,
  state             text NOT NULL CHECK (state IN ('RUNNING', 'COMMITTING', 'ABORTING', 'COMMITTED', 'ABORTED')),
  -- The epoch of the coordinator that drives it.
  owner             bigint NOT NULL,
  idempotency_key   text NOT NULL,
  fingerprint       text NOT NULL,
  branches          json NOT NULL,
  -- Of first phases, by branch name; written with the decision.
  results           json,
  rejection_code    text,
  rejection_message text,
  traceparent       text NOT NULL,
  created_at        timestamptz NOT NULL DEFAULT now(),
  deadline          timestamptz NOT NULL,
  decided_at        timestamptz,
  ended_at          timestamptz
-- A decision is an update in place: room on the page, and no index on what it changes.
) WITH (fillfactor = 80);

CREATE UNIQUE INDEX transactions_idempotency_key ON transactions (idempotency_key);

-- What a takeover looks for: it costs the same however many transactions have ended.
CREATE INDEX transactions_open ON transactions (owner) WHERE ended_at IS NULL;
