-- Incarnations of coordinators. A row's epoch fences what its coordinator writes: once `fenced`, it owns nothing more.
CREATE TABLE coordinators (
  epoch       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL,
  -- Host and port at which its peers reach it.
  address     text NOT NULL,
  lease_until timestamptz NOT NULL,
  fenced      boolean NOT NULL DEFAULT false
);

-- Partitioned by id, which is a UUID of version 7, and so by time: what has ended goes by whole partitions. Coordinators make
-- partitions ahead of time and drop old ones.
CREATE TABLE transactions (
  transaction_id    uuid PRIMARY KEY,
  -- Of the record: coordinators leave those that are newer than they know to their peers.
  version           smallint NOT NULL,
  state             text NOT NULL CHECK (state IN ('RUNNING', 'COMMITTING', 'ABORTING', 'COMMITTED', 'ABORTED')),
  -- The epoch of the coordinator that drives it; 0 while it is parked.
  owner             bigint NOT NULL,
  idempotency_key   text NOT NULL,
  fingerprint       text NOT NULL,
  branches          json NOT NULL,
  -- Of first phases, by branch name; written with the decision.
  results           json,
  -- Places of the branches without a second phase.
  omitted           json,
  -- What keeps it from ending, while it is parked.
  stuck             json,
  rejection_code    text,
  rejection_message text,
  traceparent       text NOT NULL,
  created_at        timestamptz NOT NULL,
  deadline          timestamptz NOT NULL,
  decided_at        timestamptz,
  parked_at         timestamptz,
  ended_at          timestamptz
) PARTITION BY RANGE (transaction_id);

-- For what no other partition holds: a coordinator's clock may be wrong, and no begin must fail for that. The others are made
-- like it: a decision is an update in place, with room on the page; vacuum must not wait for a fifth of a day's transactions.
CREATE TABLE transactions_default PARTITION OF transactions DEFAULT
  WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 10000);

-- What a takeover looks for, and what waits for a person: they cost the same however many transactions have ended.
CREATE INDEX transactions_open ON transactions (owner, transaction_id) WHERE ended_at IS NULL AND parked_at IS NULL;
CREATE INDEX transactions_parked ON transactions (transaction_id) WHERE ended_at IS NULL AND parked_at IS NOT NULL;

-- In a table of its own, because a key is unique over all partitions. A key goes just before its transaction.
CREATE TABLE idempotency_keys (
  key            text PRIMARY KEY,
  transaction_id uuid NOT NULL,
  -- Whether the transaction is in another shard; then the key goes by the age of the id.
  is_elsewhere   boolean NOT NULL DEFAULT false
);

CREATE INDEX idempotency_keys_elsewhere ON idempotency_keys (transaction_id) WHERE is_elsewhere;

-- Which shard of the log this database is, from 0. It is told when it is first used, and refuses to be another: a log in the
-- wrong place would tell those in doubt that it doesn't have what they ask for.
CREATE TABLE shard (
  number    integer NOT NULL CHECK (number >= 0),
  -- There is no second row.
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton)
);

-- What operators have done, and why.
CREATE TABLE acts (
  act_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  transaction_id uuid NOT NULL,
  at             timestamptz NOT NULL DEFAULT now(),
  act            text NOT NULL CHECK (act IN ('RETRY', 'SKIP', 'ABORT', 'RESOLVE')),
  operator       text NOT NULL,
  reason         text NOT NULL,
  force          boolean NOT NULL,
  -- Of SKIP: the branch. Of RESOLVE: COMMIT or ABORT.
  detail         text NOT NULL
);

CREATE INDEX acts_transaction_id ON acts (transaction_id);
