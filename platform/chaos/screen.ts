// A line for each thing that happens.
import { clearLine, cursorTo } from 'node:readline';
import { styleText } from 'node:util';
import { describeFault, lengthOf_ms } from './faults.ts';
import { seconds } from './report/summary.ts';
import { type Happened, overAt } from './timeline.ts';
import type { Traffic } from './traffic.ts';

export interface Screen {
  say(text: string): void;
  begun(happened: Happened): void;
  healed(happened: Happened): void;
  /** Keeps a line about the traffic up to date. */
  follow(traffic: Traffic): void;
  close(): void;
}

/** On a terminal, and elsewhere, where each one is a line of its own. */
const period_ms = 1000;
const rarePeriod_ms = 30_000;

/** With `quiet` nothing is said. */
export function openScreen(quiet: boolean): Screen {
  const { stdout } = process;
  // The terminal may be closed before the faults are healed.
  stdout.on('error', () => {});
  let timer: NodeJS.Timeout | undefined;
  const clear = () => {
    if (!stdout.isTTY) return;
    cursorTo(stdout, 0);
    clearLine(stdout, 0);
  };
  const say = (text: string) => {
    if (quiet) return;
    clear();
    stdout.write(`${text}\n`);
  };
  const line = (at_ms: number, mark: string, { fault, victim }: Happened, more = '') =>
    say(
      `${clock(at_ms)}  ${mark} ${fault.type.padEnd(15)}  ${describeFault(fault)}${victim ? ` (${victim})` : ''}${more}`,
    );
  return {
    say,
    begun(happened) {
      const { begun_ms, error, fault } = happened;
      const length = lengthOf_ms(fault) > 0 ? `, for ${(lengthOf_ms(fault) / 1000).toFixed(1)} s` : '';
      if (error === undefined) line(begun_ms, styleText('yellow', '▼'), happened, length);
      else line(begun_ms, styleText('gray', '–'), happened, `: ${error}`);
    },
    healed(happened) {
      const { begun_ms, ready_ms, error = '' } = happened;
      const over_ms = overAt(happened);
      const what = ready_ms === undefined ? ' – healed' : ` – ready again after ${seconds(ready_ms - begun_ms)}`;
      if (over_ms === undefined) line(begun_ms, styleText('red', '✗'), happened, `: ${error}`);
      else if (over_ms > begun_ms) line(over_ms, styleText('green', '▲'), happened, styleText('gray', what));
    },
    follow(traffic) {
      if (quiet) return;
      const show = () => {
        const text = `${clock(performance.now() - traffic.begun_ms)}    ${describeTraffic(traffic)}`;
        clear();
        stdout.write(stdout.isTTY ? text : `${text}\n`);
      };
      timer = setInterval(show, stdout.isTTY ? period_ms : rarePeriod_ms);
    },
    close() {
      clearInterval(timer);
      if (!quiet) clear();
    },
  };
}

function describeTraffic({ tally, misses_ms, orders }: Traffic): string {
  const { confirmed, rejected, failed, unanswered, latency_ms } = tally.summary();
  const waiting = orders.length - confirmed - rejected - failed - unanswered;
  return `confirmed ${confirmed}  rejected ${rejected}  failed ${failed + unanswered}  waiting ${waiting}  sent again ${misses_ms.length}  p50 ${latency_ms.p50.toFixed(0)} ms  p99 ${latency_ms.p99.toFixed(0)} ms`;
}

function clock(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s`;
}
