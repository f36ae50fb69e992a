import type { Experiment } from './experiment.ts';
import { withoutHedging } from './policies.ts';
import { atMost } from './report/claim.ts';
import { clock_ms } from './stage/answer.ts';
import { type Call, failures, latencies } from './stage/calls.ts';

const names = ['a', 'b', 'c'];
const slow = { share: 0.01, latency_ms: 300 };

interface Run {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Calls that came to the replicas, for each that was made. */
  readonly load: number;
}

export const hedging: Experiment = {
  name: 'hedging',
  title: 'One read in a hundred is slow, wherever it goes.',
  about: `Three replicas answer in about 10 ms, but one call in a hundred takes ${slow.latency_ms} ms by chance, as with a pause of the
collector or a cold page. Hedged reads get a second attempt when the first takes longer than 95 % of all do; the first answer
counts and the other attempt is cancelled. What that costs is counted where the calls arrive.`,
  usual: { rate: 200, duration_s: 40 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    for (const replica of replicas) await replica.behave({ slow });

    async function measure(name: string, serviceConfig?: object): Promise<Run> {
      const callers = await stage.startCallers({ serviceConfig });
      // What is usual has to be known before anything can be unusual.
      await callers.load(rate, 5);
      stage.say(`${name}, ${duration_s} s`);
      const from_ms = clock_ms();
      const calls = await callers.load(rate, duration_s);
      const arrived = await Promise.all(replicas.map((replica) => replica.arrivals(from_ms, clock_ms())));
      await callers.close();
      return { name, calls, load: arrived.reduce((sum, count) => sum + count) / calls.length };
    }

    const plain = await measure('not hedged', withoutHedging);
    const hedged = await measure('hedged');
    const runs = [plain, hedged];
    const p999 = ({ calls }: Run) => latencies(calls).p999;
    return {
      claims: [
        atMost(0.5, p999(hedged) / p999(plain), 'p99.9 of hedged reads, compared with that of others'),
        atMost(5, 100 * (hedged.load / plain.load - 1), 'extra load', '%'),
        atMost(0, failures(runs.flatMap(({ calls }) => calls)), 'calls that failed'),
      ],
      tables: [
        {
          title: 'Latency in milliseconds',
          columns: ['', 'p50', 'p90', 'p99', 'p99.9', 'max', 'arrived for each call'],
          rows: runs.map(({ name, calls, load }) => {
            const { p50, p90, p99, p999, max } = latencies(calls);
            return [name, p50, p90, p99, p999, max, load.toFixed(3)];
          }),
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Latency by percentile',
          unit: 'ms',
          across: 'nines: 1 is 90 %, 2 is 99 %, 3 is 99.9 %',
          scale: 'logarithmic',
          series: runs.map(({ name, calls }) => ({ name, points: byNines(calls) })),
        },
      ],
    };
  },
};

/** What so many nines of the calls don't exceed. */
function byNines(calls: readonly Call[]): [number, number | undefined][] {
  const sorted = calls.map(({ latency_ms }) => latency_ms).sort((a, b) => a - b);
  return Array.from({ length: 31 }, (_, index) => {
    const nines = index / 10;
    return [nines, sorted[Math.ceil(sorted.length * (1 - 10 ** -nines)) - 1] ?? sorted[0]];
  });
}
