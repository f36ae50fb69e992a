/** Something that an experiment says, with what decides whether it is so. */
export interface Claim {
  readonly text: string;
  readonly measured: number;
  readonly bound: { readonly is: 'at most' | 'at least'; readonly value: number };
  /** Of both numbers; '' when they are counts or ratios. */
  readonly unit: string;
}

export function atMost(value: number, measured: number, text: string, unit = ''): Claim {
  return { text, measured, bound: { is: 'at most', value }, unit };
}

export function atLeast(value: number, measured: number, text: string, unit = ''): Claim {
  return { text, measured, bound: { is: 'at least', value }, unit };
}

/** What could not be measured, such as a percentile of nothing, holds never. */
export function holds({ measured, bound }: Claim): boolean {
  return bound.is === 'at most' ? measured <= bound.value : measured >= bound.value;
}

/** Such as `p99 with a slow replica: 12.1 ms, at most 24 ms`. */
export function describeClaim({ text, measured, bound, unit }: Claim): string {
  const quantity = (value: number) => (unit === '' ? figure(value) : `${figure(value)} ${unit}`);
  return `${text}: ${quantity(measured)} (${bound.is} ${quantity(bound.value)})`;
}

/** A number with three digits that mean something. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
