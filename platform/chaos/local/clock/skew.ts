// Runs in a process before everything else: its clock is wrong by as many milliseconds as the file says that is named in
// the query of this module's URL, from when it says so. What counts time, such as performance.now() and timers, isn't.
import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

const file = new URL(import.meta.url).searchParams.get('file') ?? '';
const OriginalDate = Date;
const now_ms = Date.now;
const { timeOrigin } = performance;
let skew_ms = 0;

function read(): void {
  try {
    skew_ms = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    skew_ms = 0;
  }
}

read();
// Also when it comes into being later, or is replaced.
watch(dirname(file), { persistent: false }, (_, name) => name === basename(file) && read());

Date.now = () => now_ms() + skew_ms;
Object.defineProperty(performance, 'timeOrigin', { get: () => timeOrigin + skew_ms });
globalThis.Date = new Proxy(OriginalDate, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [Date.now()] : values, newTarget) as Date,
  apply: () => new Date().toString(),
});
