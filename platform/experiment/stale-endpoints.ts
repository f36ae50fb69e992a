import { rmSync } from 'node:fs';
import type { Experiment } from './experiment.ts';
import { balancedBy } from './policies.ts';
import { atMost } from './report/claim.ts';
import { failedCalls } from './report/panels.ts';
import { type Call, describeFailures, failures, latencies, overTime, secondsToShare, shareOf } from './stage/calls.ts';

const names = ['a', 'b', 'c', 'd'];
/** These two come back somewhere else. */
const movers = ['c', 'd'];
const nearly = 0.8;
/** Before the source goes silent, and after it speaks again. */
const around_s = 10;

export const staleEndpoints: Experiment = {
  name: 'stale-endpoints',
  title: 'The source of endpoints goes silent while two of four replicas change their address.',
  about: `After ${around_s} s discovery's source says nothing new any more; half-way through the silence it is gone altogether (the file is
removed). Meanwhile two of four replicas are killed, one after the other, and come back at other addresses, of which nobody hears
until the source speaks again. Two groups call at the same time: by \`libs/rpc\` with everything on, and by grpc-js alone with
\`round_robin\` and without retries.`,
  usual: { rate: 200, duration_s: 60 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    const [ours, bare] = await Promise.all([
      stage.startCallers(),
      stage.startCallers({ by: 'grpc-js', serviceConfig: balancedBy('round_robin'), processes: 1 }),
    ]);
    const total_s = duration_s + 2 * around_s;
    const spoke_s = around_s + duration_s;

    stage.say(`calls for ${total_s} s`);
    const loads = Promise.all([ours.load(rate / 2, total_s), bare.load(rate / 2, total_s)]);
    const happen = async () => {
      let present = replicas;
      await stage.pause(around_s);
      for (const name of movers) {
        stage.say(`${name} moves, and nobody hears of it`);
        await replicas.find((replica) => replica.name === name)?.kill();
        const moved = await stage.startReplicas([name]);
        present = [...present.filter((replica) => replica.name !== name), ...moved];
        await stage.pause(duration_s / 10);
      }
      await stage.pause(duration_s / 2 - (2 * duration_s) / 10);
      stage.say('the source is gone');
      rmSync(stage.endpoints);
      return present;
    };
    const begun_ms = performance.now();
    const present = await happen();
    await stage.pause(spoke_s - (performance.now() - begun_ms) / 1000);
    stage.say('the source speaks again');
    stage.publish(present);
    const [calls, bareCalls] = await loads;

    const soonest = movers.map((name) => secondsToShare(calls, name, nearly / names.length, spoke_s));
    const row = (who: string, all: readonly Call[]) => {
      const { p50, p99, max } = latencies(all);
      return [who, all.length, describeFailures(all), p50, p99, max];
    };
    const share = (all: readonly Call[]) =>
      overTime(all, 1, (some) => movers.reduce((sum, name) => sum + 100 * shareOf(some, name), 0));
    return {
      claims: [
        atMost(0, failures(calls), 'failed calls'),
        atMost(5, Math.max(...soonest), 'until both have their share again, once the source speaks', 's'),
      ],
      tables: [
        {
          title: 'Calls; latency in milliseconds',
          columns: ['', 'calls', 'failed', 'p50', 'p99', 'max'],
          rows: [row('libs/rpc', calls), row('grpc-js, round_robin', bareCalls)],
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Share of the calls that the two answer',
          unit: '%',
          across: 'seconds',
          scale: 'linear',
          series: [
            { name: 'libs/rpc', points: share(calls) },
            { name: 'grpc-js', points: share(bareCalls) },
          ],
          marks: [
            { at: around_s, text: 'silence; they move' },
            { at: around_s + duration_s / 2, text: 'no source at all' },
            { at: spoke_s, text: 'news' },
          ],
        },
        failedCalls({ 'libs/rpc': calls, 'grpc-js': bareCalls }),
      ],
    };
  },
};
