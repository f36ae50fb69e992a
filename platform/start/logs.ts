import type { ChildProcess } from 'node:child_process';
import { createWriteStream, renameSync, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LogEntry } from './events.ts';

/** A file that has grown to this is kept once as FILE.1, and a new one begun. */
const fileSize_bytes = 16 * 1024 * 1024;

export type WriteLine = (line: string) => void;

/** Appends lines to a file. A disk that doesn't take them costs the lines, nothing else. */
export function openLog(path: string): WriteLine {
  let file: WriteStream | undefined;
  let written_bytes = 0;
  const open = () => {
    written_bytes = 0;
    const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
    stream.on('error', () => {
      file = undefined;
    });
    return stream;
  };
  return (line) => {
    if (file && written_bytes > fileSize_bytes) {
      file.end();
      renameSync(path, `${path}.1`);
      file = undefined;
    }
    file ??= open();
    written_bytes += line.length + 1;
    file.write(`${line}\n`);
  };
}

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type Level = (typeof levels)[number];

/** Takes all that a child prints to the log, and hands on entries from this level up. */
export function followOutput(
  child: ChildProcess,
  log: WriteLine,
  level: Level,
  onEntry: (entry: LogEntry) => void,
): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      log(line);
      // The level comes first. Most lines aren't shown, so they aren't parsed.
      const found = levels.indexOf(/^\{"level":"(\w+)"/.exec(line)?.[1] as Level);
      if (found < 0 || found >= levels.indexOf(level)) onEntry(parseEntry(line));
    });
  }
}

/** What isn't JSON was printed by Node itself, when a process fails. */
function parseEntry(line: string): LogEntry {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return { level: 'error', time: new Date().toISOString(), msg: line };
  }
}
