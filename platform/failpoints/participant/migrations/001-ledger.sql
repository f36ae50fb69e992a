-- Every effect that a handler has had. Nothing makes them unique: one that is had twice shows.
CREATE TABLE effects (
  transaction_id uuid NOT NULL,
  branch integer NOT NULL,
  operation text NOT NULL,
  -- Which transaction of the test it belongs to: its caller may have needed several attempts with ids of their own.
  number integer NOT NULL
);
CREATE INDEX effects_number ON effects (number);

-- What fails, with which code, as long as it is here.
CREATE TABLE trouble (
  number integer NOT NULL,
  operation text NOT NULL,
  code text NOT NULL,
  PRIMARY KEY (number, operation)
);

-- Counts what has failed for that; no rollback takes it back.
CREATE SEQUENCE visits;
