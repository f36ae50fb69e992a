import type { Experiment } from './experiment.ts';
import { balancedBy } from './policies.ts';
import { atLeast, atMost } from './report/claim.ts';
import { type Call, describeFailures, isOk, latencies, overTime, within } from './stage/calls.ts';

const slots = 16;
const latency_ms = 50;
const timeout_ms = 1_000;
const factors = [0.25, 1, 2, 4];
/** Until the limit is found; how that goes is in the picture. */
const found_s = 8;

interface Run {
  readonly factor: number;
  readonly calls: readonly Call[];
  /** Answered in time, per second, once the limit is found. */
  readonly goodput: number;
  readonly p99_ms: number;
}

export const overload: Experiment = {
  name: 'overload',
  title: 'Once, twice and four times as many calls as a server can do.',
  about: `A server does ${slots} calls at a time, ${latency_ms} ms each, as with a pool of that many connections, so a little more than 300 in a second;
the others wait in line.
Callers wait ${timeout_ms / 1000} s and don't try again, so that what is offered is exactly so much. The server is started with its limits as
they are, and without any: then it works on calls that nobody waits for any more. What is measured begins ${found_s} s after the load: so
long the server may take to find out how much it can do.`,
  usual: { rate: 300, duration_s: 12 },
  async run(stage, { rate, duration_s }) {
    async function measure(limits: object | undefined): Promise<Run[]> {
      const runs: Run[] = [];
      for (const factor of factors) {
        const [replica] = await stage.startReplicas(['server'], { limits });
        await replica?.behave({ latency_ms, spread: 0.2, slots });
        if (replica) stage.publish([replica]);
        const callers = await stage.startCallers({
          by: 'grpc-js',
          serviceConfig: balancedBy('pick_first'),
          timeout_ms,
        });
        stage.say(`${limits ? 'without limits' : 'with limits'}, ${factor} × capacity, ${found_s + duration_s} s`);
        const calls = await callers.load(factor * rate, found_s + duration_s);
        const good = within(calls, found_s, found_s + duration_s).filter(isOk);
        runs.push({ factor, calls, goodput: good.length / duration_s, p99_ms: latencies(good).p99 });
        await Promise.all([callers.close(), replica?.kill()]);
      }
      return runs;
    }

    const limited = await measure(undefined);
    const unlimited = await measure({ concurrency: false });
    const at = (runs: readonly Run[], factor: number) => runs.find((run) => run.factor === factor)!;
    const peak = Math.max(...[...limited, ...unlimited].map(({ goodput }) => goodput));
    const row = (who: string) => (run: Run) => {
      const calls = within(run.calls, found_s, found_s + duration_s);
      const { p50 } = latencies(calls.filter(isOk));
      return [who, run.factor, run.factor * rate, run.goodput, p50, run.p99_ms, describeFailures(calls)];
    };
    const goodputs = (runs: readonly Run[]) => runs.map(({ factor, goodput }) => [factor, goodput] as const);
    const perSecond = (run: Run) => overTime(run.calls, 1, (calls) => calls.filter(isOk).length);
    return {
      claims: [
        atLeast(0.9, at(limited, 4).goodput / peak, 'goodput at four times the capacity, of the best'),
        atMost(
          3,
          at(limited, 4).p99_ms / at(limited, 0.25).p99_ms,
          'p99 of accepted calls then, compared with an idle server',
        ),
        atMost(0.5, at(unlimited, 4).goodput / peak, 'goodput without limits (what it would be without)'),
      ],
      tables: [
        {
          title: 'Calls per second, and latency in milliseconds of those that were answered in time',
          columns: ['', '× capacity', 'offered', 'goodput', 'p50', 'p99', 'failed'],
          rows: [...limited.map(row('with limits')), ...unlimited.map(row('without'))],
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Goodput by offered load',
          unit: 'calls/s',
          across: 'times the capacity',
          scale: 'linear',
          series: [
            { name: 'with limits', points: goodputs(limited) },
            { name: 'without', points: goodputs(unlimited) },
          ],
        },
        {
          type: 'lines',
          title: 'Goodput over time, at four times the capacity',
          unit: 'calls/s',
          across: 'seconds',
          scale: 'linear',
          series: [
            { name: 'with limits', points: perSecond(at(limited, 4)) },
            { name: 'without', points: perSecond(at(unlimited, 4)) },
          ],
          marks: [{ at: found_s, text: 'measured from here' }],
        },
      ],
    };
  },
};
