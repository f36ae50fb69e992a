-- Every effect that a handler had. Nothing makes them unique: an operation that takes effect twice shows.
CREATE TABLE effects (
  transaction_id uuid NOT NULL,
  branch integer NOT NULL,
  operation text NOT NULL,
  number integer NOT NULL
);
CREATE TABLE rows (name text PRIMARY KEY);
