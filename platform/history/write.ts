import { appendFileSync, closeSync, openSync } from 'node:fs';
import { type Line, type Operation, type Outcome, version } from './line.ts';

/** Writes down what is asked for and what comes of it. */
export interface History {
  /** To be called right before the operation is sent; what it returns, right after its answer. */
  invoke(client: number, operation: Operation): (outcome: Outcome) => void;
  /** Writes what is left, and the end. What is still open stays so: its outcome is unknown. */
  close(): void;
}

/** Lines are written when they are so many characters. */
const most = 64 * 1024;

/** Begins a history in a new file, or throws. Writing blocks, for some microseconds per operation, so nothing piles up. */
export function openHistory(path: string, scope: string): History {
  const file = openSync(path, 'w', 0o644);
  let buffer = '';
  let operations = 0;
  const flush = () => {
    if (buffer !== '') appendFileSync(file, buffer);
    buffer = '';
  };
  const add = (line: Line) => {
    buffer += `${JSON.stringify(line)}\n`;
    if (buffer.length > most) flush();
  };
  add({ type: 'begin', version, scope, time: now_ms() });
  return {
    invoke(client, operation) {
      const id = ++operations;
      add({ type: 'invoke', id, client, time: now_ms(), operation });
      return (outcome) => add({ id, time: now_ms(), ...outcome });
    },
    close() {
      add({ type: 'end', time: now_ms(), operations });
      flush();
      closeSync(file);
    },
  };
}

/** Never goes back, whatever is done to the system's clock. */
function now_ms(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
}
