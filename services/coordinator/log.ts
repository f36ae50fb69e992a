// Group commit: whatever is to be logged while a batch is being written makes up the next batch. No timer: a record that
// finds the log idle is written at once.
import { armed, type Moment, type Point, reach } from '@assent/failpoints';
import { isTransient } from '@assent/postgres';
import type { Logger } from '@assent/telemetry';
import { pause } from './backoff.ts';
import type { Begin, LogBatch, StateChange, Store, Written } from './store/index.ts';

/**
 * What became of a record. `taken`: the idempotency key belongs to another transaction. `refused`: the database doesn't take
 * it. `lost`: this coordinator doesn't own the transaction any more, or anything at all.
 */
export type Logged = 'written' | 'taken' | 'refused' | 'lost';

export interface Log {
  begin(begin: Begin): Promise<Logged>;
  decide(change: StateChange): Promise<Logged>;
  /** Nobody waits for ends: they go along with the next batch. One that is lost costs a takeover, which changes nothing. */
  end(change: StateChange): void;
  /** Resolves when everything so far is written. */
  flush(): Promise<void>;
}

interface Waiting<T> {
  readonly entry: T;
  readonly resolve: (logged: Logged) => void;
}

const maxBatch = 512;
const endsWait_ms = 25;

/** The log of one incarnation of a coordinator. */
export function createLog(store: Store, epoch: bigint, log: Logger): Log {
  const begins: Waiting<Begin>[] = [];
  const decisions: Waiting<StateChange>[] = [];
  const ends: StateChange[] = [];
  let writing: Promise<void> | undefined;
  let endsTimer: NodeJS.Timeout | undefined;

  async function writeAll(): Promise<void> {
    // Records of the same turn of the event loop share a batch.
    await new Promise(setImmediate);
    clearTimeout(endsTimer);
    endsTimer = undefined;
    while (begins.length + decisions.length + ends.length > 0) {
      await writeOne(begins.splice(0, maxBatch), decisions.splice(0, maxBatch), ends.splice(0, maxBatch));
    }
    writing = undefined;
  }

  async function writeOne(begun: Waiting<Begin>[], decided: Waiting<StateChange>[], ended: StateChange[]) {
    const batch = { begins: begun.map(toEntry), decisions: decided.map(toEntry), ends: ended };
    try {
      const { owner, transactionIds } = await untilKnown(() => write(batch));
      for (const waiting of begun) settle(waiting, owner, transactionIds, beginOf);
      for (const waiting of decided) settle(waiting, owner, transactionIds, decisionOf);
    } catch (error) {
      if (begun.length + decided.length + ended.length > 1) return writeApart(begun, decided, ended);
      log.error({ err: error }, 'a record cannot be logged');
      for (const waiting of begun) await refuse(waiting, beginOf);
      for (const waiting of decided) await refuse(waiting, decisionOf);
    }
  }

  async function write(batch: LogBatch): Promise<Written> {
    if (armed) await reach(...pointsOf(batch, 'before'));
    const written = await store.write(epoch, batch);
    if (armed) await reach(...pointsOf(batch, 'after'));
    return written;
  }

  /** One record that the database refuses must not keep the others from being written. */
  async function writeApart(begun: Waiting<Begin>[], decided: Waiting<StateChange>[], ended: StateChange[]) {
    for (const waiting of begun) await writeOne([waiting], [], []);
    for (const waiting of decided) await writeOne([], [waiting], []);
    for (const change of ended) await writeOne([], [], [change]);
  }

  /** A lost connection says nothing about the outcome: the same batch again changes nothing if it was written. */
  async function untilKnown<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        log.warn({ err: error, attempt }, 'the log cannot be reached, trying again');
        await pause(attempt);
      }
    }
  }

  /** What wasn't written now may have been by an attempt whose answer was lost: the log itself knows. */
  function settle<T extends Begin | StateChange>(
    { entry, resolve }: Waiting<T>,
    owner: boolean,
    written: ReadonlySet<string>,
    lookUp: (entry: T) => Promise<Logged>,
  ) {
    if (written.has(entry.transactionId)) resolve('written');
    else if (!owner) resolve('lost');
    else void untilKnown(() => lookUp(entry)).then(resolve, () => resolve('lost'));
  }

  /** Also an attempt before the one that the database refused may have been written. */
  async function refuse<T>({ entry, resolve }: Waiting<T>, lookUp: (entry: T) => Promise<Logged>): Promise<void> {
    const found = await untilKnown(() => lookUp(entry)).catch(() => 'lost' as const);
    resolve(found === 'written' ? 'written' : 'refused');
  }

  async function beginOf({ transactionId }: Begin): Promise<Logged> {
    // One that another coordinator has begun, under the id that it claimed the key for, isn't ours.
    const [found] = await store.byIds([transactionId]);
    return found?.owner === epoch ? 'written' : 'taken';
  }

  async function decisionOf({ transactionId, record, begin }: StateChange): Promise<Logged> {
    const [found] = await store.byIds([transactionId]);
    if (!found) return begin ? 'taken' : 'lost';
    if (record.stuck) return found.parkedAt ? 'written' : 'lost';
    return found.owner === epoch && found.state === record.state ? 'written' : 'lost';
  }

  function wake(): Promise<void> {
    writing ??= writeAll();
    return writing;
  }

  function add<T>(queue: Waiting<T>[], entry: T): Promise<Logged> {
    return new Promise((resolve) => {
      queue.push({ entry, resolve });
      wake();
    });
  }

  return {
    begin: (begin) => add(begins, begin),
    decide: (change) => add(decisions, change),
    end(change) {
      ends.push(change);
      endsTimer ??= setTimeout(() => {
        // Also when a batch is just being written: the next end needs a timer of its own.
        endsTimer = undefined;
        wake();
      }, endsWait_ms);
    },
    flush: () => wake(),
  };
}

function pointsOf({ begins, decisions, ends }: LogBatch, moment: Moment): Point[] {
  return [
    ...begins.map((): Point => `log.begin.${moment}`),
    ...decisions.map(({ record }): Point => `log.${record.stuck ? 'park' : 'decision'}.${moment}`),
    ...ends.map((): Point => `log.end.${moment}`),
  ];
}

function toEntry<T>({ entry }: Waiting<T>): T {
  return entry;
}
