import { clearLine, cursorTo } from 'node:readline';
import type { Run } from './index.ts';

const period_ms = 250;

/** Keeps a line about the run up to date on stderr, when that is a terminal. Returns what ends it. */
export function showProgress(run: Run): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const clear = () => {
    cursorTo(stderr, 0);
    clearLine(stderr, 0);
  };
  const timer = setInterval(() => {
    const { done, wanted, begun_ms } = run;
    const perSecond = done / ((performance.now() - begun_ms) / 1000);
    const left_s = (wanted - done) / perSecond;
    clear();
    stderr.write(
      `${done.toLocaleString('en')} of ${wanted.toLocaleString('en')} histories  ${Math.round(perSecond)}/s  ` +
        `${Math.round(left_s)} s left  every promise kept so far`,
    );
  }, period_ms);
  return () => {
    clearInterval(timer);
    clear();
  };
}
