import type { Experiment } from './experiment.ts';
import { atLeast } from './report/claim.ts';
import type { Callers } from './stage/callers.ts';
import type { Replica } from './stage/replicas.ts';

const callers = 32;
const batch = 32;
const rounds = 5;
/** Nothing is given up. */
const timeout_ms = 60_000;

/** One way to call, measured in every round. */
interface Way {
  readonly name: string;
  readonly bare: boolean;
  /** Branch calls in each call; 0 calls GetProduct. */
  readonly batch: number;
}

const bare: Way = { name: 'grpc-js, GetProduct', bare: true, batch: 0 };
const unary: Way = { name: 'libs/rpc, GetProduct', bare: false, batch: 0 };
const single: Way = { name: 'libs/rpc, a branch call', bare: false, batch: 1 };
const batched: Way = { name: `libs/rpc, ${batch} branch calls in one`, bare: false, batch };
const ways = [bare, unary, single, batched];

/** Of one round. Per second: of wall-clock time, and of processor time of both sides together. */
interface Measured {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly clientCpu_us: number;
  readonly serverCpu_us: number;
}

export const rpcCost: Experiment = {
  name: 'rpc-cost',
  title: 'What a call by libs/rpc costs beside one by grpc-js, and what batches save.',
  about: `One client process calls one server process as fast as it goes, ${callers} calls at a time; the server answers at once. The same
GetProduct by grpc-js alone on both sides (no deadline budget, spans, metrics, retries, hedging, limits), and by libs/rpc with everything
on. Then the participant's Execute with one branch call and with ${batch}. All take turns, ${rounds} rounds; medians. What counts is processor time:
calls per second that a core is busy, client and server together.`,
  usual: { rate: 0, duration_s: 4 },
  async run(stage, { duration_s }) {
    const measure = await prepare(bare.bare);
    const measureOurs = await prepare(unary.bare);
    const results = new Map<Way, Measured[]>(ways.map((way) => [way, []]));
    for (const round of Array(rounds).keys()) {
      stage.say(`round ${round + 1} of ${rounds}, ${ways.length * duration_s} s`);
      for (const way of ways) results.get(way)?.push(await (way.bare ? measure : measureOurs)(way));
    }

    /** A server and a client of their own, warmed up. */
    async function prepare(isBare: boolean) {
      const [server] = (await stage.startReplicas(['server'], { bare: isBare })) as [Replica];
      if (!isBare) await server.behave({ latency_ms: 0 });
      const by = isBare ? 'grpc-js' : 'libs/rpc';
      const client = await stage.startCallers({ by, target: `127.0.0.1:${server.port}`, timeout_ms, processes: 1 });
      await client.saturate({ callers, duration_s: 2, batch: 0 });
      if (!isBare) await client.saturate({ callers, duration_s: 1, batch });
      return (way: Way) => measureWay(way, client, server, duration_s);
    }

    const median = (way: Way, value: (measured: Measured) => number) => {
      const sorted = (results.get(way) ?? []).map(value).sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)] ?? NaN;
    };
    const perCore = (way: Way) => median(way, ({ perCpuSecond }) => perCpuSecond);
    const branches = (way: Way) => perCore(way) * Math.max(1, way.batch);
    return {
      claims: [
        atLeast(0.8, perCore(unary) / perCore(bare), 'calls per core second, of those of grpc-js alone'),
        atLeast(
          8,
          branches(batched) / branches(unary),
          'branch calls per core second in batches, compared with unary calls',
        ),
      ],
      tables: [
        {
          title: 'Medians of the rounds',
          columns: ['', 'calls/s', 'branches/s', 'calls per core s', 'client µs/call', 'server µs/call'],
          rows: ways.map((way) => [
            way.name,
            median(way, ({ perSecond }) => perSecond),
            median(way, ({ perSecond }) => perSecond * Math.max(1, way.batch)),
            perCore(way),
            median(way, ({ clientCpu_us }) => clientCpu_us),
            median(way, ({ serverCpu_us }) => serverCpu_us),
          ]),
        },
      ],
      panels: [
        {
          type: 'bars',
          title: 'Calls in a second of processor time, client and server together',
          unit: '',
          scale: 'linear',
          bars: ways.slice(0, 3).map((way) => ({ name: way.name, value: perCore(way) })),
          bound: { value: 0.8 * perCore(bare), text: '0.8 of grpc-js' },
        },
        {
          type: 'bars',
          title: 'Branch calls in a second of processor time',
          unit: '',
          scale: 'linear',
          bars: [unary, single, batched].map((way) => ({ name: way.name, value: branches(way) })),
          bound: { value: 8 * branches(unary), text: '8 × unary' },
        },
      ],
    };
  },
};

async function measureWay({ batch }: Way, client: Callers, server: Replica, duration_s: number): Promise<Measured> {
  const before_s = await server.cpu_s();
  const { calls, seconds, cpu_s } = await client.saturate({ callers, duration_s, batch });
  const server_s = (await server.cpu_s()) - before_s;
  return {
    perSecond: calls / seconds,
    perCpuSecond: calls / (cpu_s + server_s),
    clientCpu_us: (1e6 * cpu_s) / calls,
    serverCpu_us: (1e6 * server_s) / calls,
  };
}
