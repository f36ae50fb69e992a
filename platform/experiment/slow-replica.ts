import type { Experiment } from './experiment.ts';
import { balancedBy, withoutHedging } from './policies.ts';
import { atLeast, atMost } from './report/claim.ts';
import { healthy } from './stage/behaviour.ts';
import { type Call, failures, isOk, latencies, overTime, shareOf } from './stage/calls.ts';
import type { Replica } from './stage/replicas.ts';

const names = ['a', 'b', 'c', 'd'];
const times = 20;

/** In which order they are measured; with the first, also while all are healthy. */
const policies = ['least_loaded', 'round_robin', 'pick_first'] as const;

export const slowReplica: Experiment = {
  name: 'slow-replica',
  title: `One of four replicas answers ${times} times slower than the others.`,
  about: `Four replicas answer in about ${healthy.latency_ms} ms, then one of them takes ${times} times as long, without failing or
being busier. Calls come at a steady rate, balanced by each policy in turn; nothing but the policy differs, and nothing is hedged. \`pick_first\`, grpc-js's
default, sends everything to the first address, which here is the slow one.`,
  usual: { rate: 400, duration_s: 20 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    const slow = replicas[0] as Replica;

    async function measure(policy: string): Promise<Call[]> {
      const callers = await stage.startCallers({
        serviceConfig: { ...balancedBy(policy), ...withoutHedging },
      });
      stage.say(`${policy}, ${duration_s} s`);
      const calls = await callers.load(rate, duration_s);
      await callers.close();
      return calls;
    }

    stage.say('all healthy');
    const calm = await measure('least_loaded');
    await slow.behave({ latency_ms: times * healthy.latency_ms });
    stage.say('one is slow');
    const runs = new Map<string, Call[]>();
    for (const policy of policies) runs.set(policy, await measure(policy));

    const p99 = (calls: readonly Call[] = []) => latencies(calls.filter(isOk)).p99;
    const rows = [['all healthy, least_loaded', calm] as const, ...runs].map(([name, calls]) => {
      const { p50, p90, p999 } = latencies(calls.filter(isOk));
      return [name, p50, p90, p99(calls), p999, 100 * shareOf(calls, slow.name), failures(calls)];
    });
    const ratio = (policy: string) => p99(runs.get(policy)) / p99(calm);
    return {
      claims: [
        atMost(2, ratio('least_loaded'), 'p99 of least_loaded, compared with that of healthy replicas'),
        atLeast(10, ratio('round_robin'), 'p99 of round_robin, compared likewise (what it would be without)'),
        atMost(
          0,
          [...runs.values()].reduce((sum, calls) => sum + failures(calls), 0),
          'calls that failed',
        ),
      ],
      tables: [
        {
          title: 'Latency in milliseconds',
          columns: ['', 'p50', 'p90', 'p99', 'p99.9', '% of calls to the slow one', 'failed'],
          rows,
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'p99 of every second, with a slow replica',
          unit: 'ms',
          across: 'seconds',
          scale: 'logarithmic',
          series: [...runs].map(([name, calls]) => ({ name, points: overTime(calls, 1, p99) })),
          bound: { value: 2 * p99(calm), text: 'twice the p99 of healthy replicas' },
        },
        {
          type: 'bars',
          title: 'Share of the calls that went to the slow replica',
          unit: '%',
          scale: 'linear',
          bars: [...runs].map(([name, calls]) => ({ name, value: 100 * shareOf(calls, slow.name) })),
        },
      ],
    };
  },
};
