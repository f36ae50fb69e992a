// The proto3 JSON mapping of google.protobuf.Timestamp and Duration.
import { wrong } from './reading.ts';
import type { Scalar } from './scalars.ts';

interface SecondsAndNanos {
  readonly seconds: number | { toNumber(): number };
  readonly nanos: number;
}

const dateTime = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const leastSecond = -62_135_596_800;
const mostSecond = 253_402_300_799;

/** RFC 3339. Written in UTC with 0, 3, 6 or 9 digits of a second. */
export const timestamp: Scalar = {
  read(value, reading) {
    const [, whole, fraction, zone] = (typeof value === 'string' && dateTime.exec(value)) || [];
    const seconds = Date.parse(`${whole}${zone}`) / 1000;
    const good = seconds >= leastSecond && seconds <= mostSecond && isOnCalendar(`${whole}`);
    return good ? { seconds, nanos: nanosOf(fraction) } : wrong(reading, 'must be a time such as 2026-01-31T12:00:00Z');
  },
  write(value) {
    const { seconds, nanos } = value as SecondsAndNanos;
    return `${new Date(toNumber(seconds) * 1000).toISOString().slice(0, -5)}${fractionText(nanos)}Z`;
  },
};

const secondsText = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const mostSeconds = 315_576_000_000;

/** Seconds with up to nine digits after the point, such as `1.5s`. */
export const duration: Scalar = {
  read(value, reading) {
    const [, minus, whole, fraction] = (typeof value === 'string' && secondsText.exec(value)) || [];
    const seconds = Number(whole);
    const sign = minus ? -1 : 1;
    // -0 would not be the same after a round trip.
    const good = seconds < mostSeconds || (seconds === mostSeconds && !nanosOf(fraction));
    if (!good) return wrong(reading, 'must be a duration in seconds such as 1.5s');
    return { seconds: sign * seconds + 0, nanos: sign * nanosOf(fraction) + 0 };
  },
  write(value) {
    const { seconds, nanos } = value as SecondsAndNanos;
    const whole = toNumber(seconds);
    return `${whole < 0 || nanos < 0 ? '-' : ''}${Math.abs(whole)}${fractionText(Math.abs(nanos))}s`;
  },
};

/** Date.parse takes the 30th of February for the 1st of March. */
function isOnCalendar(whole: string): boolean {
  return new Date(`${whole}Z`).toISOString().startsWith(whole);
}

function nanosOf(fraction = ''): number {
  return Number(fraction.padEnd(9, '0'));
}

function fractionText(nanos: number): string {
  if (nanos === 0) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}

function toNumber(seconds: SecondsAndNanos['seconds']): number {
  return typeof seconds === 'number' ? seconds : seconds.toNumber();
}
