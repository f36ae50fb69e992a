import type { Point } from '../chart/figure.ts';
import type { Experiment } from './experiment.ts';
import { withoutBudget, withoutHedging } from './policies.ts';
import { atLeast, atMost } from './report/claim.ts';
import { failedCalls } from './report/panels.ts';
import { clock_ms } from './stage/answer.ts';
import { type Call, describeFailures, failures, within } from './stage/calls.ts';

const names = ['a', 'b'];
const calm_s = 8;
/** So long the load on it counts as that at its return. */
const return_s = 2;

interface Run {
  readonly name: string;
  readonly calls: readonly Call[];
  /** Of the calls that arrive, of those that are made; in the last seconds of the outage, and at the return. */
  readonly during: number;
  readonly atReturn: number;
  readonly load: readonly Point[];
}

export const retryStorm: Experiment = {
  name: 'retry-storm',
  title: 'A dependency is down for ten seconds, and its callers try again.',
  about: `Two replicas answer UNAVAILABLE to every call for a while, as when their database is gone, while calls go on. Callers try
failed calls again, up to five attempts, with a wait that grows. With their budget retries are one in ten calls once many fail;
without it each failed call costs five. The load is counted where it arrives.`,
  usual: { rate: 200, duration_s: 10 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    const back_s = calm_s + duration_s;
    const total_s = back_s + calm_s;
    const behave = (failing: number) => Promise.all(replicas.map((replica) => replica.behave({ failing })));

    async function measure(name: string, serviceConfig: object): Promise<Run> {
      const callers = await stage.startCallers({ serviceConfig });
      stage.say(`${name}, ${total_s} s`);
      const begin_ms = clock_ms();
      let returned_ms = 0;
      const happen = async () => {
        await stage.pause(calm_s);
        await behave(1);
        stage.say('it is down');
        await stage.pause(duration_s);
        await behave(0);
        returned_ms = clock_ms();
        stage.say('it is back');
      };
      const [calls] = await Promise.all([callers.load(rate, total_s), happen()]);
      const arrived = async (from_ms: number, seconds: number) => {
        const counts = await Promise.all(replicas.map((one) => one.arrivals(from_ms, from_ms + 1000 * seconds)));
        return counts.reduce((sum, count) => sum + count) / seconds;
      };
      const normal = await arrived(begin_ms + 1000, calm_s - 2);
      const load: Point[] = [];
      for (let at_s = 0; at_s < total_s; at_s += 0.5)
        load.push([at_s + 0.25, await arrived(begin_ms + 1000 * at_s, 0.5)]);
      const during = (await arrived(returned_ms - 1000 * return_s, return_s)) / normal;
      const atReturn = (await arrived(returned_ms, return_s)) / normal;
      await callers.close();
      return { name, calls, during, atReturn, load };
    }

    const budgeted = await measure('with the budget', withoutHedging);
    const unbounded = await measure('without', withoutBudget);
    const runs = [budgeted, unbounded];
    const again = ({ calls }: Run) => failures(within(calls, back_s + return_s, total_s));
    return {
      claims: [
        atMost(1.2, budgeted.atReturn, 'load at the return, compared with the usual'),
        atMost(1.2, budgeted.during, 'load in the last seconds of the outage, compared likewise'),
        atLeast(1.2, unbounded.during, 'load then without the budget (what it would be without)'),
        atMost(0, again(budgeted), `failed calls later than ${return_s} s after the return`),
      ],
      tables: [
        {
          title: 'Load, compared with the usual',
          columns: ['', 'at the end of the outage', 'at the return', 'calls', 'failed'],
          rows: runs.map(({ name, during, atReturn, calls }) => {
            return [name, during, atReturn, calls.length, describeFailures(calls)];
          }),
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Calls that arrive',
          unit: 'per second',
          across: 'seconds',
          scale: 'linear',
          series: runs.map(({ name, load }) => ({ name, points: load })),
          marks: [
            { at: calm_s, text: 'down' },
            { at: back_s, text: 'back' },
          ],
          bound: { value: 1.2 * rate, text: '1.2 × the usual' },
        },
        failedCalls(Object.fromEntries(runs.map(({ name, calls }) => [name, calls]))),
      ],
    };
  },
};
