// What has not ended, for metrics. It costs the same however many transactions have.
import type { Database } from '@assent/postgres';
import type { State } from '@assent/transactions/protocol';

export interface OpenState {
  readonly state: State | 'PARKED';
  readonly count: number;
  /** Of the one that began first. */
  readonly oldest_s: number;
}

/** Every state but the ended ones, also those in which nothing is. */
export async function openStates(database: Database): Promise<OpenState[]> {
  const { rows } = await database.query<OpenState>(
    `SELECT s.state, coalesce(found.count, 0)::int AS count, coalesce(found.oldest_s, 0)::float8 AS oldest_s
     FROM unnest('{RUNNING,COMMITTING,ABORTING,PARKED}'::text[]) AS s (state)
     LEFT JOIN (
       SELECT t.state, count(*), extract(epoch FROM now() - min(t.created_at)) AS oldest_s
       FROM transactions t WHERE t.ended_at IS NULL AND t.parked_at IS NULL GROUP BY t.state
       UNION ALL
       SELECT 'PARKED', count(*), extract(epoch FROM now() - min(t.created_at))
       FROM transactions t WHERE t.ended_at IS NULL AND t.parked_at IS NOT NULL
     ) AS found USING (state)`,
  );
  return rows;
}

/** How long ago the lease ran out of whoever has transactions left that wait to be taken over; 0 without such. */
export async function recoveryLag_s(database: Database): Promise<number> {
  const { rows } = await database.query<{ lag_s: number }>(
    `SELECT coalesce(max(extract(epoch FROM now() - c.lease_until)), 0)::float8 AS lag_s FROM coordinators c
     WHERE c.lease_until < now() AND EXISTS (
       SELECT FROM transactions t WHERE t.owner = c.epoch AND t.ended_at IS NULL AND t.parked_at IS NULL)`,
  );
  return rows[0]?.lag_s ?? 0;
}
