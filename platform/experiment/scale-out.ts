import type { Experiment } from './experiment.ts';
import { balancedBy } from './policies.ts';
import { atMost } from './report/claim.ts';
import type { CallerOptions } from './stage/caller.ts';
import { type Call, failures, overTime, secondsToShare, shareOf } from './stage/calls.ts';

const sizes = [1, 2, 4];
const names = ['a', 'b', 'c', 'd'];
const newcomer = 'e';
/** So near to a fair share is one. */
const nearly = 0.8;

export const scaleOut: Experiment = {
  name: 'scale-out',
  title: 'One, two and four replicas, and then one more: how evenly and how soon calls spread.',
  about: `The same load on 1, 2 and 4 replicas: how evenly calls are spread, and how many connections a calling process has. Then a fifth
replica is published while calls go on. It has its share when it answers ${100 * nearly} % of a fair one within a second. grpc-js's own
\`round_robin\` does the same for comparison.`,
  usual: { rate: 400, duration_s: 20 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);

    async function measure(by: CallerOptions['by'], serviceConfig?: object) {
      const rows: [size: number, calls: readonly Call[], connections: number][] = [];
      for (const size of sizes) {
        stage.publish(replicas.slice(0, size));
        const callers = await stage.startCallers({ by, serviceConfig });
        stage.say(`${by}, ${size} replicas, ${duration_s} s`);
        const calls = await callers.load(rate, duration_s);
        rows.push([size, calls, Math.max(...(await callers.connections()))]);
        await callers.close();
      }
      return rows;
    }

    const ours = await measure('libs/rpc');
    const bare = await measure('grpc-js', balancedBy('round_robin'));
    const callers = await stage.startCallers();
    const added_s = duration_s / 4;
    stage.say(`one more after ${added_s} s`);
    const [fifth] = await stage.startReplicas([newcomer]);
    const add = async () => {
      await stage.pause(added_s);
      if (fifth) stage.publish([...replicas, fifth]);
    };
    const [grown] = await Promise.all([callers.load(rate, duration_s), add()]);

    const fair = 1 / (names.length + 1);
    const soon_s = secondsToShare(grown, newcomer, nearly * fair, added_s);
    const evenness = (calls: readonly Call[], size: number) => {
      const shares = names.slice(0, size).map((name) => shareOf(calls, name));
      return Math.max(...shares) / Math.min(...shares);
    };
    const row =
      (who: string) =>
      ([size, calls, connections]: (typeof ours)[number]) => [
        who,
        size,
        evenness(calls, size),
        connections,
        failures(calls),
      ];
    const all = [...ours, ...bare].flatMap(([, calls]) => calls);
    return {
      claims: [
        ...ours.map(([size, calls]) =>
          atMost(1.1, evenness(calls, size), `calls of the busiest of ${size} replicas, compared with the idlest`),
        ),
        atMost(5, soon_s, 'until a new replica has its share', 's'),
        atMost(
          Math.max(...bare.map(([, , connections]) => connections)),
          ours.at(-1)?.[2] ?? NaN,
          'connections of a process to 4 replicas (grpc-js has as many)',
        ),
        atMost(0, failures([...all, ...grown]), 'calls that failed'),
      ],
      tables: [
        {
          title: 'How calls spread',
          columns: ['', 'replicas', 'busiest / idlest', 'connections of a process', 'failed'],
          rows: [...ours.map(row('libs/rpc, least_loaded')), ...bare.map(row('grpc-js, round_robin'))],
        },
      ],
      panels: [
        {
          type: 'bars',
          title: 'Busiest replica compared with the idlest',
          unit: '',
          scale: 'linear',
          bars: [
            ...ours.map(([size, calls]) => ({ name: `least_loaded, ${size}`, value: evenness(calls, size) })),
            ...bare.map(([size, calls]) => ({ name: `round_robin, ${size}`, value: evenness(calls, size) })),
          ],
          bound: { value: 1.1, text: '1.1' },
        },
        {
          type: 'lines',
          title: 'Share of the calls that the fifth replica answers',
          unit: '%',
          across: 'seconds',
          scale: 'linear',
          series: [{ name: newcomer, points: overTime(grown, 0.5, (calls) => 100 * shareOf(calls, newcomer)) }],
          marks: [{ at: added_s, text: 'published' }],
          bound: { value: 100 * fair, text: 'a fair share' },
        },
      ],
    };
  },
};
