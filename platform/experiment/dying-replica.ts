import type { Experiment } from './experiment.ts';
import { balancedBy, once } from './policies.ts';
import { atLeast, atMost } from './report/claim.ts';
import { failedCalls } from './report/panels.ts';
import { type Call, describeFailures, failures, latencies, overTime, shareOf, within } from './stage/calls.ts';
import type { Replica } from './stage/replicas.ts';

const names = ['a', 'b', 'c', 'd'];
const fair = 1 / names.length;
/** Until a death is noticed. */
const noticed_s = 1;

export const dyingReplica: Experiment = {
  name: 'dying-replica',
  title: 'One of four replicas is killed under load, and comes back at the same address.',
  about: `A replica gets SIGKILL after a sixth of the time, and is started again after a third. Discovery isn't told: it still names
the dead one, as it does for a while in a cluster too. Three groups call at the same time: one by \`libs/rpc\` with everything on; one by \`libs/rpc\`
without retries and hedges, in which each call that went to the dead one shows as a failure; and one by grpc-js alone with its \`round_robin\`.`,
  usual: { rate: 300, duration_s: 36 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    const victim = replicas.at(-1) as Replica;
    const { name, port } = victim;
    const [ours, single, bare] = await Promise.all([
      stage.startCallers(),
      stage.startCallers({ serviceConfig: once, processes: 1 }),
      stage.startCallers({ by: 'grpc-js', serviceConfig: balancedBy('round_robin'), processes: 1 }),
    ]);
    const [killed_s, back_s] = [duration_s / 6, duration_s / 3];

    stage.say(`calls for ${duration_s} s`);
    const loads = Promise.all([ours, single, bare].map((callers) => callers.load(rate / 3, duration_s)));
    const happen = async () => {
      await stage.pause(killed_s);
      stage.say(`${name} is killed`);
      await victim.kill();
      await stage.pause(back_s - killed_s);
      stage.say(`${name} is started again`);
      await stage.startReplicas([name], { port });
    };
    const [[calls = [], singleCalls = [], bareCalls = []]] = await Promise.all([loads, happen()]);

    const first_s = firstAfter(calls, name, back_s);
    const early = (all: readonly Call[], from_s: number) => shareOf(within(all, from_s, from_s + 2), name) / fair;
    const late = shareOf(within(calls, duration_s - duration_s / 6, duration_s), name) / fair;
    const missed = within(singleCalls, killed_s + noticed_s, back_s);
    const row = (who: string, all: readonly Call[]) => {
      const from_s = firstAfter(all, name, back_s);
      const { p50, p99, max } = latencies(within(all, killed_s, back_s));
      return [who, all.length, describeFailures(all), p50, p99, max, from_s - back_s, early(all, from_s)];
    };
    return {
      claims: [
        atMost(0, failures(calls), 'failed calls of a caller with retries'),
        atMost(0, failures(missed), `calls sent to the dead one later than ${noticed_s} s after its death`),
        atMost(0.75, early(calls, first_s), 'its share in the first two seconds after its return, of a fair share'),
        atLeast(0.8, late, 'its share in the end, of a fair share'),
      ],
      tables: [
        {
          title: 'Calls; latency in milliseconds while it was gone; seconds from its start to its first call',
          columns: ['', 'calls', 'failed', 'p50', 'p99', 'max', 'first call after', 'early share of a fair one'],
          rows: [
            row('libs/rpc', calls),
            row('libs/rpc, each call once', singleCalls),
            row('grpc-js, round_robin', bareCalls),
          ],
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Share of the calls that it answers',
          unit: '%',
          across: 'seconds',
          scale: 'linear',
          series: [
            { name: 'libs/rpc', points: overTime(calls, 1, (some) => 100 * shareOf(some, name)) },
            { name: 'grpc-js', points: overTime(bareCalls, 1, (some) => 100 * shareOf(some, name)) },
          ],
          marks: [
            { at: killed_s, text: 'killed' },
            { at: back_s, text: 'started again' },
          ],
          bound: { value: 100 * fair, text: 'a fair share' },
        },
        failedCalls({ 'libs/rpc': calls, 'each call once': singleCalls, 'grpc-js': bareCalls }),
      ],
    };
  },
};

/** When a replica answers its first call after a moment. */
function firstAfter(calls: readonly Call[], replica: string, from_s: number): number {
  const ends = calls.filter((call) => call.replica === replica && call.at_s > from_s).map(({ at_s }) => at_s);
  return Math.min(...ends);
}
