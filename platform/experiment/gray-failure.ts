import type { Experiment } from './experiment.ts';
import { balancedBy } from './policies.ts';
import { atLeast, atMost } from './report/claim.ts';
import { type Call, describeFailures, failures, latencies, overTime, shareOf } from './stage/calls.ts';

const names = ['a', 'b', 'c', 'd'];
const failing = 0.3;

export const grayFailure: Experiment = {
  name: 'gray-failure',
  title: 'One of four replicas fails some calls, and another takes calls and never answers.',
  about: `After a quarter of the time one replica answers UNAVAILABLE to ${100 * failing} % of its calls, at once, and another one goes on
taking calls and answers none; both still say that they are healthy. The shop's own gateway is before them, with everything on as it
always is, and gets REST requests; a request may take 2 s. Then the same happens to callers by grpc-js alone, with \`round_robin\` and
without retries.`,
  usual: { rate: 200, duration_s: 24 },
  async run(stage, { rate, duration_s }) {
    const replicas = await stage.startReplicas(names);
    stage.publish(replicas);
    const [, , grumpy, silent] = replicas;
    const sick_s = duration_s / 4;
    const url = await stage.startGateway();
    const throughGateway = await stage.startCallers({ by: 'REST', target: url, timeout_ms: 10_000 });
    const bare = await stage.startCallers({ by: 'grpc-js', serviceConfig: balancedBy('round_robin') });

    async function measure(name: string, callers: typeof bare): Promise<Call[]> {
      stage.say(`${name}, ${duration_s} s`);
      const happen = async () => {
        await stage.pause(sick_s);
        await Promise.all([grumpy?.behave({ failing }), silent?.behave({ hanging: true })]);
        stage.say('two of them are sick');
      };
      const [calls] = await Promise.all([callers.load(rate, duration_s), happen()]);
      await Promise.all([grumpy?.behave({ failing: 0 }), silent?.behave({ hanging: false })]);
      return calls;
    }

    const calls = await measure('the gateway', throughGateway);
    const bareCalls = await measure('grpc-js', bare);
    const row = (who: string, all: readonly Call[]) => {
      const { p50, p99, p999, max } = latencies(all);
      return [who, all.length, describeFailures(all), p50, p99, p999, max];
    };
    const lines = (value: (some: readonly Call[]) => number) => [
      { name: 'gateway', points: overTime(calls, 1, value) },
      { name: 'grpc-js', points: overTime(bareCalls, 1, value) },
    ];
    const marks = [{ at: sick_s, text: 'two are sick' }];
    return {
      claims: [
        atMost(0, failures(calls), 'errors at the gateway'),
        atLeast(1, failures(bareCalls), 'errors without all that (what it would be without)'),
      ],
      tables: [
        {
          title: 'Calls; latency in milliseconds',
          columns: ['', 'calls', 'failed', 'p50', 'p99', 'p99.9', 'max'],
          rows: [row('gateway', calls), row('grpc-js, round_robin', bareCalls)],
        },
      ],
      panels: [
        {
          type: 'lines',
          title: 'Errors',
          unit: 'per second',
          across: 'seconds',
          scale: 'linear',
          series: lines(failures),
          marks,
        },
        {
          type: 'lines',
          title: 'p99 of every second',
          unit: 'ms',
          across: 'seconds',
          scale: 'logarithmic',
          series: lines((some) => latencies(some).p99),
          marks,
        },
        {
          type: 'bars',
          title: 'Share of the answers that came from the one that fails',
          unit: '%',
          scale: 'linear',
          bars: [
            { name: 'gateway', value: 100 * shareOf(calls, grumpy?.name ?? '') },
            { name: 'grpc-js', value: 100 * shareOf(bareCalls, grumpy?.name ?? '') },
          ],
        },
      ],
    };
  },
};
