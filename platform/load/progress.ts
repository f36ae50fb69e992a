import { clearLine, cursorTo } from 'node:readline';
import type { Tally } from './tally.ts';

const period_ms = 500;

/** Keeps a line about the run up to date on stderr, when that is a terminal. Returns what ends it. */
export function showProgress(tally: Tally, duration_s: number): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const begun_ms = performance.now();
  let before = 0;
  const clear = () => {
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
  };
  const show = () => {
    const { orders, confirmed, rejected, retries, latency_ms } = tally.summary();
    const elapsed_s = Math.round((performance.now() - begun_ms) / 1000);
    const perSecond = ((orders - before) * 1000) / period_ms;
    before = orders;
    clear();
    stderr.write(
      `${elapsed_s}/${duration_s} s  ${perSecond}/s  confirmed ${confirmed}  rejected ${rejected}  sent again ${retries}  ` +
        `p50 ${latency_ms.p50.toFixed(0)} ms  p99 ${latency_ms.p99.toFixed(0)} ms`,
    );
  };
  const timer = setInterval(show, period_ms);
  return () => {
    clearInterval(timer);
    clear();
  };
}
