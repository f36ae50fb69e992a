import { randomUUID } from 'node:crypto';
import { openApi } from '../api.ts';
import { runClosedLoop } from '../bench/closedloop.ts';
import { openCustomer } from '../load/customer.ts';
import { runOpenLoop } from '../load/openloop.ts';
import { randomOrder } from '../load/orders.ts';
import { type Shop, stockShop } from '../load/shop.ts';
import { seeded } from '../random.ts';
import type { Experiment } from './experiment.ts';
import { atLeast, atMost } from './report/claim.ts';
import { type Call, describeFailures, failures, latencies, overTime } from './stage/calls.ts';
import { openHouse } from './stage/house.ts';

const replicas = 2;
const clients = 16;
const most = { seconds: 600, inFlight: 1024 };
/** Between two restarts. */
const breath_s = 1;

export const rollingRestart: Experiment = {
  name: 'rolling-restart',
  title: 'Every replica of every service is restarted in turn, while orders come in.',
  about: `The whole platform: ${replicas} replicas of each service, a gateway, PostgreSQL. First it is found out how many orders it can do; half of
that comes in from then on, in all three modes, as REST requests that are sent once and never again. Each replica in turn is told to end, as
in a rolling update, and another one takes its place; of the gateway a second one is started first, which gets the requests meanwhile,
as from a load balancer. Then the same with SIGKILL instead, without the gateway, to see what draining is good for.`,
  usual: { rate: 0, duration_s: 8 },
  async run(stage, settings) {
    const house = await openHouse(stage, replicas);
    try {
      const size = { prefix: 'rolling', skus: 100, accounts: 200, quantity: 1_000_000 };
      const shop = await stockShop(openApi(house.url()), size);
      const random = seeded(stage.seed);
      const rate = settings.rate || Math.max(1, Math.round((await capacityOf(house.url(), shop, random)) / 2));
      stage.say(`${rate} orders per second`);

      const visit = async (happen: () => Promise<void>): Promise<Call[]> => {
        const over = new AbortController();
        const load = placeOrders({
          url: house.url,
          shop,
          rate,
          random,
          signal: AbortSignal.any([over.signal, stage.signal]),
        });
        // Who waits for it hears of a failure.
        load.catch(() => {});
        try {
          await stage.pause(settings.duration_s);
          await happen();
          await stage.pause(settings.duration_s);
        } finally {
          over.abort();
        }
        return load;
      };
      const inTurn = async (end: (name: string) => Promise<void>) => {
        for (const name of house.replicas) {
          stage.say(name);
          await end(name);
          await stage.pause(breath_s);
        }
      };
      stage.say('each is restarted');
      const restarted = await visit(async () => {
        await inTurn(house.restart);
        stage.say('gateway');
        await house.replaceGateway();
      });
      stage.say('each is killed');
      const killed = await visit(() => inTurn(house.kill));

      const row = (name: string, calls: readonly Call[]) => {
        const { p50, p99, max } = latencies(calls);
        return [name, calls.length, describeFailures(calls), p50, p99, max];
      };
      const lines = (value: (calls: readonly Call[]) => number) => [
        { name: 'restarted', points: overTime(restarted, 1, value) },
        { name: 'killed', points: overTime(killed, 1, value) },
      ];
      return {
        claims: [
          atMost(0, failures(restarted), 'failed requests while every replica was restarted'),
          atLeast(100, restarted.length, 'requests that were made meanwhile'),
        ],
        tables: [
          {
            title: `${rate} orders per second; latency in milliseconds`,
            columns: ['', 'requests', 'failed', 'p50', 'p99', 'max'],
            rows: [row('restarted', restarted), row('killed', killed)],
          },
        ],
        panels: [
          {
            type: 'lines',
            title: 'p99 of every second',
            unit: 'ms',
            across: 'seconds',
            scale: 'logarithmic',
            series: lines((calls) => latencies(calls).p99),
          },
          {
            type: 'lines',
            title: 'Failed requests',
            unit: 'per second',
            across: 'seconds',
            scale: 'linear',
            series: lines(failures),
          },
        ],
      };
    } finally {
      await house.close();
    }
  },
};

/** Orders per second with as many clients as keep it busy. */
async function capacityOf(url: string, shop: Shop, random: () => number): Promise<number> {
  const customer = openCustomer(url, { connections: clients });
  const work = async () => {
    const { type } = (await customer.place(randomOrder(shop, 'mixed', random), randomUUID())).outcome;
    return type === 'unanswered' ? 'failed' : type;
  };
  const { perSecond } = await runClosedLoop({ clients, warmUp_s: 8, duration_s: 6, work });
  await customer.close();
  return perSecond;
}

interface Orders {
  /** Where the next order goes. */
  readonly url: () => string;
  readonly shop: Shop;
  readonly rate: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Sends each order once, whatever comes of it. A rejection is the business's, and no failure. */
async function placeOrders({ url, shop, rate, random, signal }: Orders): Promise<Call[]> {
  const calls: Call[] = [];
  const customers = new Map<string, ReturnType<typeof openCustomer>>();
  const begun_ms = performance.now();
  const work = async (scheduled_ms: number) => {
    const to = url();
    const customer = customers.get(to) ?? openCustomer(to, { connections: most.inFlight, patience_ms: 0 });
    customers.set(to, customer);
    const { outcome } = await customer.place(randomOrder(shop, 'mixed', random), randomUUID());
    const isAnswer = outcome.type === 'confirmed' || outcome.type === 'rejected';
    calls.push({
      at_s: (scheduled_ms - begun_ms) / 1000,
      latency_ms: performance.now() - scheduled_ms,
      code: isAnswer ? 'OK' : outcome.reason,
      replica: to,
    });
  };
  await runOpenLoop({ rate, duration_s: most.seconds, maxInFlight: most.inFlight, signal, work });
  await Promise.all([...customers.values()].map((customer) => customer.close()));
  return calls;
}
