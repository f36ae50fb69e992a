import { state } from '../network.ts';
import type { Process } from '../process.ts';
import type { World } from '../world.ts';

/** A statement that writes to the log: it fails as long as the database refuses it. */
export function changeLog<T>(
  world: World,
  process: Process,
  statement: () => T,
  then: (answer: T | undefined) => void,
  background = false,
): void {
  const tried = () => (world.agenda.now_ms < world.refusesUntil_ms ? undefined : statement());
  state<T | undefined>(world, process, tried, then, background);
}
