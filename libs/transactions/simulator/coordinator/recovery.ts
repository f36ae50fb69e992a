// Takes over what coordinators that are gone have left, and finds what this one owns without driving it: the rules of the
// coordinator's recovery.ts, on the simulator's clock.
import type { Row } from '../log/tables.ts';
import { state } from '../network.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';
import { changeLog } from './change.ts';
import type { Engine } from './engine.ts';

export interface Recovery {
  /** Fences whoever is gone and takes its transactions over. */
  takeOver(): void;
  /** Compares what is driven here with the log, every so often. */
  compare(): void;
}

const claimBatch = 20;
const compareEvery_ms = 2_000;

export function createRecovery(
  world: World,
  process: Process,
  epoch: number,
  engine: Engine,
  isLive: () => boolean,
): Recovery {
  const { log, agenda } = world;
  let compared_ms = agenda.now_ms;
  /** Owned, but not driven here, at the last look: it may have been about to end, or to come. */
  let strays: ReadonlySet<number> = new Set();

  function takeOver(): void {
    const statement = () => {
      log.fenceExpired();
      return log.claim(epoch, claimBatch);
    };
    changeLog(world, process, statement, (rows) => rows && claimed(rows), true);
  }

  function claimed(rows: readonly Row[]): void {
    if (!isLive() || rows.length === 0) return;
    world.tally.takeovers += rows.length;
    world.say?.(process.name, `takes over ${namesOf(rows)}`);
    engine.adopt(rows);
    if (rows.length === claimBatch) takeOver();
  }

  function compare(): void {
    const begun_ms = agenda.now_ms;
    if (begun_ms - compared_ms < compareEvery_ms) return;
    compared_ms = begun_ms;
    const look = () => log.openOf(epoch);
    state(world, process, look, (owned) => owned && compareWith(owned, begun_ms - compareEvery_ms), true);
  }

  function compareWith(owned: ReadonlySet<number>, before_ms: number): void {
    if (!isLive()) return;
    const missing = engine.compare(owned, before_ms);
    const lost = missing.filter((id) => strays.has(id));
    strays = new Set(missing);
    if (lost.length > 0) adopt(lost);
  }

  /** The answer to a takeover was lost, say: nobody drives them. */
  function adopt(lost: readonly number[]): void {
    const look = () => lost.flatMap((id) => log.rows.get(id) ?? []);
    state(world, process, look, (rows = []) => {
      if (!isLive()) return;
      const open = rows.filter((row) => row.owner === epoch && !row.ended_ms && !engine.drives(row.id));
      if (open.length > 0) world.say?.(process.name, `finds ${namesOf(open)}, which nobody drove`);
      engine.adopt(open);
    });
  }

  return { takeOver, compare };
}

function namesOf(rows: readonly Row[]): string {
  return rows.map(({ id }) => `T${id}`).join(', ');
}
