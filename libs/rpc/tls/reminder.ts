const EVERY_MS = 60_000;

/** Does something the first time and then once a minute at most; it is told how many times there were since it was last done. */
export function createReminder(every_ms = EVERY_MS): (work: (times: number) => void) => void {
  let last_ms = -Infinity;
  let times = 0;
  return (work) => {
    times++;
    if (performance.now() - last_ms < every_ms) return;
    last_ms = performance.now();
    work(times);
    times = 0;
  };
}
