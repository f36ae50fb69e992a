// How a coordinator writes its log: in groups, one at a time, again until it is known to be done. The rules of the
// coordinator's log.ts, on the simulator's clock.
import type { Batch, Begin, Change, Row, Written } from '../log/tables.ts';
import { state } from '../network.ts';
import { later, type Process } from '../process.ts';
import type { World } from '../world.ts';

/** `taken`: the idempotency key belongs to another transaction. `refused`: the database doesn't take it. `lost`: the transaction is somebody else's now. */
export type Logged = 'written' | 'taken' | 'refused' | 'lost';
type Then = (logged: Logged) => void;

export interface Journal {
  begin(begin: Begin, then: Then): void;
  decide(change: Change, then: Then): void;
  /** Nobody waits for ends. */
  end(change: Change): void;
  /** Calls back when all of it is written. */
  flush(then: () => void): void;
}

const endsWait_ms = 25;
const retry_ms = 100;

export function createJournal(world: World, process: Process, epoch: number): Journal {
  const { log, random } = world;
  let begins: { entry: Begin; then: Then }[] = [];
  let decisions: { entry: Change; then: Then }[] = [];
  let ends: Change[] = [];
  const flushed: (() => void)[] = [];
  let isWriting = false;
  let isWaiting = false;

  function wake(): void {
    if (isWriting) return;
    if (begins.length + decisions.length + ends.length === 0) {
      for (const then of flushed.splice(0)) then();
      return;
    }
    isWriting = true;
    const begun = begins;
    const decided = decisions;
    const batch = { begins: begun.map(({ entry }) => entry), decisions: decided.map(({ entry }) => entry), ends };
    begins = [];
    decisions = [];
    ends = [];
    write(batch, (written) => {
      isWriting = false;
      for (const { entry, then } of begun) settle(entry.id, written, isBegun(entry), then);
      for (const { entry, then } of decided) settle(entry.id, written, isDecided(entry), then);
      wake();
    });
  }

  /** The same batch again changes nothing if it was written. */
  function write(batch: Batch, then: (written: Written | 'refused') => void) {
    const statement = () => (world.agenda.now_ms < world.refusesUntil_ms ? 'refused' : log.write(epoch, batch));
    state<Written | 'refused'>(world, process, statement, (written) => {
      if (written) then(written);
      else later(world, process, random.between(1, retry_ms), () => write(batch, then));
    });
  }

  /** What wasn't written now may have been by an attempt whose answer was lost: the log itself knows. */
  function settle(id: number, written: Written | 'refused', look: (row?: Row) => Logged, then: Then) {
    const isRefused = written === 'refused';
    if (!isRefused && written.ids.has(id)) return then('written');
    if (!isRefused && !written.owner) return then('lost');
    state(
      world,
      process,
      () => ({ row: log.rows.get(id) }),
      (found) => {
        if (!found) return settle(id, written, look, then);
        const known = look(found.row);
        then(isRefused && known !== 'written' ? 'refused' : known);
      },
    );
  }

  const isBegun =
    (_: Begin) =>
    (row?: Row): Logged =>
      row ? 'written' : 'taken';

  const isDecided =
    ({ record, begin }: Change) =>
    (row?: Row): Logged => {
      if (!row) return begin ? 'taken' : 'lost';
      return row.owner === epoch && row.state === record.state ? 'written' : 'lost';
    };

  return {
    begin(entry, then) {
      begins.push({ entry, then });
      wake();
    },
    decide(entry, then) {
      decisions.push({ entry, then });
      wake();
    },
    end(change) {
      ends.push(change);
      if (isWaiting) return;
      isWaiting = true;
      later(world, process, endsWait_ms, () => {
        isWaiting = false;
        wake();
      });
    },
    flush(then) {
      flushed.push(then);
      wake();
    },
  };
}
