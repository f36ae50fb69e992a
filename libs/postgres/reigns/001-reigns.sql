-- Whose turn it is to do what one replica is enough for. Each reign has the next number, and a piece of work is done only
-- in a database transaction that has seen the number of its own reign here: so one that is over changes nothing any more.
CREATE TABLE reigns (
  work   text PRIMARY KEY,
  number bigint NOT NULL,
  -- For people.
  holder text NOT NULL,
  since  timestamptz NOT NULL DEFAULT now()
);
