-- What this service has been asked to do for transactions: one row for each phase of each branch, written in the same
-- database transaction as the phase's business writes. The key makes every phase take effect once. The ids of transactions
-- are UUID v7, so they come in the order of their times, and what is old is dropped by partitions.
CREATE TABLE barrier (
  transaction_id uuid NOT NULL,
  branch integer NOT NULL,
  -- 1: ACTION, TRY, PREPARE, DELIVER. 2: COMPENSATE, CONFIRM, CANCEL, ROLLBACK.
  phase smallint NOT NULL CHECK (phase IN (1, 2)),
  operation text NOT NULL,
  -- 'blocked': the second phase came before the first, which therefore must not happen any more.
  outcome text NOT NULL CHECK (outcome IN ('done', 'rejected', 'blocked')),
  -- Of 'done', when there is one.
  result json,
  -- Why 'rejected'.
  code text,
  message text,
  -- The database transaction that claimed the phase.
  claimed_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (transaction_id, branch, phase)
) PARTITION BY RANGE (transaction_id);

-- For ids without a time, and for times without a partition of their own; those are made like this one, ahead.
-- Rows are updated once, at most twice, soon after they were inserted: leave room for that on their page.
CREATE TABLE barrier_default PARTITION OF barrier DEFAULT WITH (fillfactor = 75);
