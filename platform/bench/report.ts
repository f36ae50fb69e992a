import type { Machine } from './machine.ts';
import type { Result, Sample, Scenario } from './plan.ts';

export interface BenchReport {
  readonly machine: Machine;
  readonly settings: { readonly duration_s: number; readonly warmUp_s: number; readonly rounds: number };
  readonly results: readonly Result[];
}

const titles: Record<Scenario, string> = {
  spread: 'Any of 100 products, any of 1000 accounts',
  hot: 'All clients buy the same product',
};

/** One measurement, as it is made. */
export function describeSample({ scenario, clients, round, subject, ...measured }: Sample): string {
  const { perSecond, p50_ms, p99_ms, rejected, failed } = measured;
  const what = `${scenario.padEnd(6)} ${String(clients).padStart(3)} clients, round ${round + 1}  ${subject.padEnd(9)}`;
  const how = `${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50_ms.toFixed(1)} ms  p99 ${p99_ms.toFixed(1)} ms`;
  return `${what} ${how}${rejected ? `  ${rejected} rejected` : ''}${failed ? `  ${failed} FAILED` : ''}`;
}

export function toMarkdown({ machine, settings, results }: BenchReport): string {
  return `# Bench

Checkouts through the gateway's REST API, against a reference: the same four writes (insert the order, reserve the stock,
charge the account, confirm the order) straight from one Node process over \`pg\`, as four separate commits without a
transaction around them, with the same number of clients and in the same PostgreSQL. Clients are closed loops. Reference
and modes take turns, ${settings.rounds} rounds of ${settings.duration_s} s each; these are the medians. \`pnpm bench\` makes this page.

${Object.entries(titles)
  .map(([scenario, title]) =>
    section(
      title,
      results.filter((result) => result.scenario === scenario),
    ),
  )
  .join('\n')}
## Where

${Object.entries(machine)
  .map(([name, value]) => `- ${name.replaceAll('_', ' ')}: ${value}`)
  .join('\n')}

All processes and the clients share the machine. Rejected are checkouts that two-phase commit gave up because others held the
rows that they needed (CONTENTION); they count for nothing.
`;
}

function section(title: string, results: readonly Result[]): string {
  return `## ${title}

| clients | mode | confirmed/s | of the reference | p50 | p99 | rejected |
|--:|---|--:|--:|--:|--:|--:|
${results.map(row).join('\n')}
`;
}

function row({ clients, subject, perSecond, ratio, p50_ms, p99_ms, rejected }: Result): string {
  const share = subject === 'reference' ? '' : ratio.toFixed(2);
  const latencies = `${p50_ms.toFixed(1)} ms | ${p99_ms.toFixed(1)} ms`;
  return `| ${clients} | ${subject} | ${perSecond.toFixed(0)} | ${share} | ${latencies} | ${rejected || ''} |`;
}
