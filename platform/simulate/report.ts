import { type Rules, runHistory, type Tally } from '@assent/transactions/simulator';
import type { Run } from './index.ts';

/** @param full every line, not only those about the transactions with which something is wrong */
export function transcriptOf(seed: number, rules: Rules, full: boolean) {
  const lines: string[] = [];
  const { violations } = runHistory(seed, { rules, write: (line) => lines.push(line) });
  const suspects = new Set(violations.flatMap((violation) => violation.match(/\bT\d+\b/g) ?? []));
  const isAboutOthers = (line: string) => {
    const named = line.match(/\bT\d+\b/g);
    return named !== null && !named.some((name) => suspects.has(name));
  };
  const isShown = (line: string) => full || suspects.size === 0 || !isAboutOthers(line);
  return { lines: lines.filter(isShown), violations };
}

const words: Readonly<Record<keyof Tally, string>> = {
  committed: 'transactions committed',
  aborted: 'aborted',
  parked: 'left to a person',
  crashes: 'crashes',
  standstills: 'standstills',
  lostMessages: 'messages lost',
  takeovers: 'transactions taken over',
  handovers: 'handovers',
  reconciled: 'ended by their participant, in doubt',
  operatorActs: "operators' acts",
  hanging: 'first phases after their undo',
  readOnly: 'read-only votes',
  onePhase: 'committed in one phase',
  keysTaken: 'idempotency keys taken',
  dropped: 'periods of barrier rows dropped',
  tooLate: 'calls too late for their barrier',
};

export function describeRun({ first, done, steps, begun_ms }: Run, tally: Tally): string {
  const elapsed_s = (performance.now() - begun_ms) / 1000;
  const lines = Object.entries(tally).map(([name, count]) => line(count, words[name as keyof Tally]));
  return `
Seeds ${first} to ${first + done - 1}: every promise kept

${line(done, `histories, in ${elapsed_s.toFixed(1)} s: ${Math.round(done / elapsed_s)} per second`)}
${line(steps, 'things have happened')}
${lines.join('\n')}
`;
}

function line(count: number, what: string): string {
  return `${count.toLocaleString('en').padStart(13)} ${what}`;
}
