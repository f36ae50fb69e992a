// One transaction, from its beginning to what can be done about it now.
import type { Branch, Progress, Transaction } from './api.ts';
import { age, paint, paintState, progressText, reasonText, span } from './text.ts';

/** Some lines for a terminal, without a line feed at the end. */
export function timeline(transaction: Transaction, now_ms: number): string {
  const { transactionId, state, createTime, traceparent, rejection } = transaction;
  const [, traceId] = traceparent.split('-');
  const facts: [string, string | undefined][] = [
    ['rejection', rejection && reasonText(rejection)],
    ['driven by', driver(transaction)],
    ['trace', traceId],
  ];
  return [
    `${paint('bold', transactionId)}  ${paintState(state)}  begun ${age(createTime, now_ms)} ago`,
    '',
    ...events(transaction),
    '',
    ...branches(transaction, now_ms),
    '',
    ...facts.flatMap(([name, fact]) => (fact ? [`  ${name.padEnd(10)}  ${fact}`] : [])),
    ...advice(transaction),
  ].join('\n');
}

/** What has happened, in its order, each with the time since the beginning. */
function events(transaction: Transaction): string[] {
  const { createTime, decideTime, parkTime, endTime, deadline, decision, state, acts } = transaction;
  const found: { time: string; text: string }[] = [
    { time: createTime, text: `begun, to be decided by ${clock(deadline)}` },
  ];
  if (decideTime) found.push({ time: decideTime, text: `decided: ${decision}` });
  if (parkTime) found.push({ time: parkTime, text: 'parked: it waits for a person' });
  for (const { time, act, detail, operator, reason, force } of acts) {
    const what = [act, detail, force && 'by force'].filter(Boolean).join(' ');
    found.push({ time, text: `${paint('magenta', what)} by ${operator}: ${reason}` });
  }
  if (endTime) found.push({ time: endTime, text: `ended: ${state}` });
  // Of the same time, in the order above.
  return found
    .sort((one, other) => Date.parse(one.time) - Date.parse(other.time))
    .map(({ time, text }) => {
      const since = `+${span(Date.parse(time) - Date.parse(createTime))}`;
      return `  ${paint('gray', `${time.slice(0, 10)} ${clock(time)}  ${since.padStart(8)}`)}  ${text}`;
    });
}

/** `12:34:56.789`, in UTC as the API has it. */
function clock(time: string): string {
  return new Date(time).toISOString().slice(11, 23);
}

const marks: Readonly<Record<NonNullable<Progress['stage']>, string>> = {
  WAITING: '·',
  SENT: '→',
  SETTLED: '✓',
  REJECTED: '✗',
  STUCK: '!',
  OMITTED: '-',
};

function branches({ branches, progress }: Transaction, now_ms: number): string[] {
  const names = branches.map(({ name, after }) => (after.length > 0 ? `${name} (after ${after.join(', ')})` : name));
  const actions = branches.map(({ participant, action }) => `${participant}/${action}`);
  const width = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const kindOf = ({ kind = '?' }: Branch) => kind.toLowerCase();
  return branches.map((branch, index) => {
    const one = progress[index] ?? { operation: '', attempts: 0 };
    const mark = one.stage ? marks[one.stage] : '?';
    const text = progressText(one, one.sendTime ? { sent: age(one.sendTime, now_ms) } : {});
    const cells = [names[index]!.padEnd(width(names)), actions[index]!.padEnd(width(actions))];
    const line = `  ${mark} ${cells.join('  ')}  ${kindOf(branch).padEnd(width(branches.map(kindOf)))}  ${text}`;
    return one.stage === 'STUCK' ? paint('red', line) : line;
  });
}

function driver({ state, owner, ownerAddress }: Transaction): string | undefined {
  switch (state) {
    case 'COMMITTED':
    case 'ABORTED':
      return undefined;
    case 'PARKED':
      return 'nobody, until an operator acts';
    default:
      return `the coordinator of epoch ${owner}, ${ownerAddress ? `at ${ownerAddress}` : 'which is gone: it is about to be taken over'}`;
  }
}

/** What an operator can do about it. */
function advice({ transactionId, state, decision, branches, progress }: Transaction): string[] {
  if (state !== 'PARKED') return [];
  const stuck = branches.filter((_, index) => progress[index]?.stage === 'STUCK').map(({ name }) => name);
  const command = (act: string, when: string) => `  npx pnpm@10 tx ${act} --reason …   ${paint('gray', when)}`;
  return [
    '',
    'What can be done:',
    command(`retry ${transactionId}`, 'when what failed can work now'),
    ...stuck.map((name) => command(`skip ${transactionId} ${name}`, 'when somebody has done by hand what it asks')),
    command(`resolve ${transactionId} --${decision?.toLowerCase()}`, 'when all that is left has been done by hand'),
  ];
}
