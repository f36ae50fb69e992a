// A replica for the tests of this package: it stands for election, and does work that would be wrong if two did it.

import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Sql } from '@assent/postgres';
import { createLogger } from '@assent/telemetry';
import { stand } from '../election.ts';
import { leaseApi } from '../kubernetes.ts';
import { createSingleton } from '../singleton.ts';

const [url = '', namespace = '', name = '', candidate = '', lease_s = '', isFenced = ''] = process.argv.slice(2);
const log = createLogger({ service: candidate });
const lease_ms = Number(lease_s) * 1_000;
const pace = { lease_ms, renew_ms: 0.7 * lease_ms, retry_ms: 0.1 * lease_ms };
const plain = openDatabase({ url, name: candidate, size: 2 });
const election = stand({ connect: () => leaseApi({ namespace, name }), candidate, log, pace });
const singleton = createSingleton({ election, candidate, log, breath_ms: 100 });
const stopped = new AbortController();

/** A piece that takes a moment, so that a stop is mostly in the midst of one. */
async function piece(sql: Sql): Promise<void> {
  // Whoever stands still in a transaction must not keep others waiting for long.
  await sql.query(`SET LOCAL idle_in_transaction_session_timeout = '500ms'`);
  await sleep(20);
  await sql.query('INSERT INTO done (by, holder) SELECT $1, holder FROM reigns', [candidate]);
}

const working = singleton(
  'work',
  plain,
  async (guarded, signal) => {
    const database = isFenced === 'true' ? guarded : plain;
    // Stubborn: when its time is over it tries ten pieces more.
    for (let more = 10; more > 0; signal.aborted && more--) {
      try {
        await database.transaction(piece);
      } catch (error) {
        process.send?.({ message: (error as Error).message });
      }
    }
  },
  stopped.signal,
);

process.once('SIGTERM', async () => {
  election.resign();
  stopped.abort();
  await working;
  await election.release();
  await plain.close();
  process.exit(0);
});
process.once('disconnect', () => process.exit(1));
