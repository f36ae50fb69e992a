import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Begin, type Completion, type Invoke, type Line, type Operation, type Outcome, version } from './line.ts';

/** An operation with what came of it. */
export interface Recorded {
  readonly operation: Operation;
  readonly outcome: Outcome;
  /** In milliseconds since 1970; without an answer it may take effect at any later time. */
  readonly invoked_ms: number;
  readonly completed_ms: number | undefined;
  /** Where its invocation and its outcome are; lines count from 1. */
  readonly invokeLine: number;
  readonly completeLine: number | undefined;
}

/** What a history is, once it has been read. */
export interface Summary {
  readonly scope: string;
  readonly operations: number;
  /** Why nothing can be told from it: it is truncated or no history. */
  readonly fault?: string;
}

type Open = Invoke & { readonly line: number };

const open: Outcome = { type: 'unknown', error: 'not answered when the history ended' };

/**
 * Reads a history line by line, and hands over its operations as they are complete; those that never were come last. It
 * remembers only what is open. Rejects when the file can't be read.
 */
export async function readHistory(path: string, use: (one: Recorded) => Promise<void>): Promise<Summary> {
  const opened = new Map<number, Open>();
  let begin: Begin | undefined;
  let operations = 0;
  let ended = false;
  let number = 0;
  const fault = (why: string): Summary => ({
    scope: begin?.scope ?? '',
    operations,
    fault: `${path}:${number} ${why}`,
  });

  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    const line = parse(text);
    if (line === undefined) return fault('is not a whole line: the history is truncated');
    if (ended) return fault('comes after the end');
    if ((line.type === 'begin') !== (number === 1)) return fault('is not where it belongs: lines are missing');
    switch (line.type) {
      case 'begin':
        if (line.version !== version) return fault(`is of version ${line.version}, this checker knows ${version}`);
        begin = line;
        break;
      case 'invoke':
        if (line.id !== ++operations) return fault(`is operation ${line.id}, not ${operations}: lines are missing`);
        opened.set(line.id, { ...line, line: number });
        break;
      case 'end':
        if (line.operations !== operations) return fault(`tells of ${line.operations} operations, not ${operations}`);
        ended = true;
        break;
      default: {
        const invoke = opened.get(line.id);
        if (!invoke) return fault(`completes operation ${line.id}, which is not open: lines are missing`);
        opened.delete(line.id);
        await use(complete(invoke, line, number));
      }
    }
  }
  if (!ended) return fault('is the last line, and not an end: the history is truncated');
  for (const invoke of opened.values()) await use(complete(invoke));
  return { scope: begin?.scope ?? '', operations };
}

function complete(invoke: Open, completion?: Completion, line?: number): Recorded {
  return {
    operation: invoke.operation,
    outcome: completion ?? open,
    invoked_ms: invoke.time,
    completed_ms: completion?.type === 'ok' ? completion.time : undefined,
    invokeLine: invoke.line,
    completeLine: line,
  };
}

function parse(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}
