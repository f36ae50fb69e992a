// Words, times and colours.
import { styleText } from 'node:util';
import type { Progress, Reason, State } from './api.ts';

type Format = Parameters<typeof styleText>[0];

/** Coloured where stdout is a terminal. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

const colours: Readonly<Record<State, Format>> = {
  RUNNING: 'cyan',
  COMMITTING: 'cyan',
  ABORTING: 'cyan',
  COMMITTED: 'green',
  ABORTED: 'yellow',
  PARKED: ['bold', 'red'],
};

export function paintState(state: State | undefined, width = 0): string {
  const text = (state ?? 'UNKNOWN').padEnd(width);
  return state ? paint(colours[state], text) : text;
}

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** `340 ms`, `4.2 s`, `17 min`, `3.5 h`, `12 d`. */
export function span(time_ms: number): string {
  const [unit_ms, name] = units.find(([unit_ms]) => time_ms >= unit_ms) ?? [1, 'ms'];
  const amount = time_ms / unit_ms;
  return `${amount < 10 && unit_ms > 1 ? amount.toFixed(1) : Math.round(amount)} ${name}`;
}

export function age(time: string, now_ms: number): string {
  return span(Math.max(0, now_ms - Date.parse(time)));
}

/** Without what a terminal could take for a command. */
export function reasonText({ code, message }: Reason): string {
  return (message ? `${code}: ${message}` : code).replace(/\p{Cc}/gu, ' ');
}

/** What a branch is at, in a few words. */
export function progressText({ stage, operation, attempts, error }: Progress, now: { sent?: string } = {}): string {
  const why = error ? `, ${reasonText(error)}` : '';
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  switch (stage) {
    case 'SENT':
      return `${operation} asked ${times}${now.sent ? `, last ${now.sent} ago` : ''}${why}`;
    case 'STUCK':
      return `${operation} is stuck, asked ${times}${why}`;
    case 'WAITING':
      return operation ? `${operation} to come, or under way` : 'waits for others';
    case 'SETTLED':
      return operation ? `${operation} done` : 'done';
    case 'REJECTED':
      return `${operation} rejected`.trimStart();
    case 'OMITTED':
      return 'nothing to do: it wrote nothing, or was skipped';
    default:
      return 'not known';
  }
}
