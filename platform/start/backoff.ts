const first_ms = 200;
const longest_ms = 10_000;

/** A replica that has lived this long starts afresh with the shortest wait. */
export const settled_ms = 10_000;

/** How long to wait before the restart after so many deaths in a row; `random` is in [0, 1). */
export function restartDelay_ms(deaths: number, random: number): number {
  const delay_ms = Math.min(longest_ms, first_ms * 2 ** (deaths - 1));
  return Math.round(delay_ms * (0.5 + random / 2));
}
