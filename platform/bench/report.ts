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
and modes take turns, ${settings.rounds} rounds of ${settings.duration_s} s each after a warm-up of ${settings.warmUp_s} s for each mode; these are the medians. \`pnpm bench\` makes this page.

${Object.entries(titles)
  .map(([scenario, title]) =>
    section(
      title,
      results.filter((result) => result.scenario === scenario),
    ),
  )
  .join('\n')}
${whereTheTimeGoes(results)}## Where

${Object.entries(machine)
  .map(([name, value]) => `- ${name.replaceAll('_', ' ')}: ${value}`)
  .join('\n')}

All processes and the clients share the machine. Rejected are checkouts that two-phase commit gave up because others held the
rows that they needed (CONTENTION); they count for nothing.
`;
}

/** Processor time by process, with the most clients. */
function whereTheTimeGoes(results: readonly Result[]): string {
  const most = Math.max(...results.map(({ clients }) => clients));
  const rows = results.filter(({ scenario, clients, cpu_ms }) => scenario === 'spread' && clients === most && cpu_ms);
  const names = [...new Set(rows.flatMap(({ cpu_ms }) => Object.keys(cpu_ms ?? {})))];
  if (rows.length === 0) return '';
  const cells = ({ cpu_ms = {} }: Result) => names.map((name) => (cpu_ms[name] ?? 0).toFixed(2));
  const sum = ({ cpu_ms = {} }: Result) => Object.values(cpu_ms).reduce((total, ms) => total + ms, 0);
  return `## Where the time goes

Processor time in milliseconds for one checkout, ${most} clients; all replicas of a service together.

| mode | ${names.join(' | ')} | sum |
|---|${'--:|'.repeat(names.length + 1)}
${rows.map((result) => `| ${result.subject} | ${cells(result).join(' | ')} | ${sum(result).toFixed(2)} |`).join('\n')}

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
