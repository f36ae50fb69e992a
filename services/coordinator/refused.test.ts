// When the log's database refuses a decision: its disk fails, say.
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createWorld, type Participant, request, type World } from './testing/world.ts';

const patience_ms = 30_000;
let world: World;
let shop: Participant;
beforeAll(async () => {
  world = await createWorld(['shop']);
  shop = world.participant('shop');
  await world.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE 'no' USING ERRCODE = '58030'; END $$`);
});
afterAll(() => world.close());

test('[D2] a transaction that is in the log is not undone before the log has its abort', async () => {
  const { client } = await world.start();
  shop.reply = ({ operation, branch }) =>
    operation === 'TRY' && branch === 1 ? { rejected: { code: 'NO', message: 'none left' } } : { done: {} };
  const asked = (operation: string) => shop.calls.filter((call) => call.operation === operation);
  await world.database.query(
    `CREATE TRIGGER refuse BEFORE UPDATE ON transactions FOR EACH ROW WHEN (NEW.state LIKE 'ABORT%') EXECUTE FUNCTION refuse()`,
  );
  // What has expired when it is found isn't tried again.
  const wanted = request('shop', ['RESERVED', 'RESERVED'], { timeout: { seconds: 60 } });
  const run = client.runTransaction(wanted).catch((error: Error) => error);
  // It is found again, undecided, and tried again.
  await eventually(async () => expect(asked('TRY').length).toBeGreaterThan(2), patience_ms);
  expect(asked('CANCEL')).toEqual([]);
  await world.database.query('DROP TRIGGER refuse ON transactions');
  await eventually(async () => {
    const { transactions } = await client.listTransactions({ state: 'ABORTED' });
    expect(transactions).toHaveLength(1);
  }, patience_ms);
  expect(asked('CANCEL').length).toBeGreaterThan(0);
  await run;
});
