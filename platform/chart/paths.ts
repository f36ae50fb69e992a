// The d of SVG paths.

/** A place in a picture; without a y there is nothing to show there. */
export type Place = readonly [x: number, y: number | undefined];

/** A line from one to the next, with gaps where there is nothing. */
export function linePath(places: readonly Place[]): string {
  let isDrawn = false;
  const parts = places.map(([x, y]) => {
    const verb = isDrawn ? 'L' : 'M';
    isDrawn = y !== undefined;
    return y === undefined ? '' : `${verb}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return parts.join('');
}
