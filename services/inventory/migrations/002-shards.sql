-- Which of the inventory's databases this one is, from 0. It is told when it is first used, and refuses to be another.
CREATE TABLE shard (
  number integer NOT NULL CHECK (number >= 0),
  -- There is no second row.
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton)
);

-- In which database a product is. Only the first database's rows count: every replica knows that one, so that two of them
-- never make the same product in two databases, even while one knows of a database that the other doesn't know yet.
CREATE TABLE homes (
  sku text COLLATE "C" PRIMARY KEY,
  shard integer NOT NULL CHECK (shard >= 0)
);

CREATE INDEX homes_shard ON homes (shard);
