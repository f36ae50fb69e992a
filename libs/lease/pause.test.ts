// A leader that stands still for longer than its lease, as a real process, with a stand-in for the API server.
import { type Database, reignMigrations } from '@assent/postgres';
import { openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startLeaseServer } from './testing/lease-server.ts';
import { pauseLeader } from './testing/paused.ts';

const lease = { namespace: 'shop', name: 'order' };
let database: Database & { readonly url: string };
let server: Awaited<ReturnType<typeof startLeaseServer>>;
beforeAll(async () => {
  database = await openTestDatabase([reignMigrations]);
  server = await startLeaseServer();
});
afterAll(async () => {
  await server.close();
  await database.close();
});

test('a leader that is paused past its lease does no harm when it goes on', async () => {
  const { harm, refusals, ends } = await pauseLeader(database, lease, { lease_s: 2, fenced: true });
  expect(harm).toBe(0);
  expect(refusals).toContain('fenced: another replica has taken over the work');
  expect(ends).toEqual([0, 0]);
}, 90_000);

test('without fencing it would', async () => {
  const { harm } = await pauseLeader(database, lease, { lease_s: 2, fenced: false });
  expect(harm).toBeGreaterThan(0);
}, 90_000);
