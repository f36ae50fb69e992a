// Ends prepared transactions that nobody else has ended: their coordinator is gone, or its message was lost.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@assent/postgres';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import type { GetDecisionsResponse } from '@assent/protos/coordinator/v1/GetDecisionsResponse.ts';
import type { Client } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { type Gid, gidPrefix, parseGid } from './gid.ts';
import type { Prepared } from './prepared.ts';

export interface ReconcilerOptions {
  readonly database: Database;
  readonly prepared: Prepared;
  readonly coordinator: Pick<Client<CoordinatorServiceHandlers>, 'getDecisions'>;
  readonly log: Logger;
  readonly every_ms: number;
  /** Younger ones are left to their coordinator. */
  readonly inDoubtAfter_ms: number;
}

type Decision = GetDecisionsResponse['decisions'][number];

/** In one question, and at a time. */
const chunkSize = 500;
const limit = 5000;
const timeout_ms = 5000;

/** Works until the signal, at once and then every so often. Never throws. */
export async function reconcile(options: ReconcilerOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await reconcileOnce(options, signal).catch((error: unknown) => {
      if (!signal.aborted) options.log.warn({ err: error }, 'prepared transactions in doubt were not looked after');
    });
    // Not in step with the other replicas.
    const pause_ms = options.every_ms * (0.75 + Math.random() / 2);
    await sleep(pause_ms, undefined, { signal }).catch(() => {});
  }
}

/** One round. */
export async function reconcileOnce(options: ReconcilerOptions, signal?: AbortSignal): Promise<void> {
  const inDoubt = await findInDoubt(options);
  for (let start = 0; start < inDoubt.length && !signal?.aborted; start += chunkSize) {
    const chunk = inDoubt.slice(start, start + chunkSize);
    const { decisions } = await options.coordinator.getDecisions(
      { transactionIds: chunk.map(({ transactionId }) => transactionId) },
      { timeout_ms, ...(signal && { signal }) },
    );
    for (const [index, branch] of chunk.entries()) await apply(options, branch, decisions[index]);
  }
}

async function findInDoubt({ database, inDoubtAfter_ms }: ReconcilerOptions): Promise<Gid[]> {
  const { rows } = await database.query<{ gid: string }>(
    `SELECT gid FROM pg_prepared_xacts
    WHERE database = current_database() AND starts_with(gid, $1)
      AND prepared < clock_timestamp() - make_interval(secs => $2)
    ORDER BY prepared LIMIT $3`,
    [gidPrefix, inDoubtAfter_ms / 1000, limit],
  );
  return rows.map(({ gid }) => parseGid(gid)).filter((gid) => gid !== undefined);
}

async function apply({ prepared, log }: ReconcilerOptions, branch: Gid, decision: Decision | undefined): Promise<void> {
  try {
    switch (decision) {
      case 'COMMIT':
        await prepared.commit(branch);
        break;
      case 'ABORT':
      case 'UNKNOWN':
        await prepared.rollback(branch);
        break;
      case 'UNDECIDED':
      case 'DECISION_UNSPECIFIED':
      case undefined:
        return;
    }
    log.info({ ...branch, decision }, 'ended a prepared transaction that was in doubt');
  } catch (error) {
    log.warn({ err: error, ...branch, decision }, 'could not end a prepared transaction that is in doubt');
  }
}
