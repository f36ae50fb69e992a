// A server in a process of its own that behaves as it is told. It serves the catalogue's GetProduct, whose answer names the
// replica, and a participant's Execute.
import { InventoryService, ParticipantService } from '@assent/protos';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import {
  type Call,
  type Implementation,
  implement,
  RpcError,
  type RpcServer,
  type ServeOptions,
  serve,
} from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { seeded } from '../../random.ts';
import { answerParent, clock_ms } from './answer.ts';
import { serveBare } from './bare.ts';
import { type Behaviour, drawLatency, healthy, openSlots, stepOf, work } from './behaviour.ts';

export interface ReplicaOptions {
  readonly name: string;
  readonly seed: number;
  /** 0 takes a free one. */
  readonly port: number;
  /** Serve by grpc-js alone instead of libs/rpc. */
  readonly bare: boolean;
  readonly limits: ServeOptions['limits'];
}

let behaviour: Behaviour = healthy;
let random = seeded(0);
let name = '';
let server: RpcServer | undefined;
const arrivals = new Map<number, number>();
const inSlot = openSlots(() => behaviour.slots);

async function answer(call: Call): Promise<void> {
  const step = stepOf(clock_ms());
  arrivals.set(step, (arrivals.get(step) ?? 0) + 1);
  if (behaviour.hanging) await forever(call.signal);
  if (random() < behaviour.failing) throw new RpcError('UNAVAILABLE', 'the replica is not well');
  const isInstant = behaviour.latency_ms === 0 && behaviour.cpu_ms === 0;
  if (!isInstant) await inSlot(() => work(drawLatency(behaviour, random), behaviour.cpu_ms));
}

function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new RpcError('CANCELLED', 'nobody waits any more')));
  });
}

const catalogue: Partial<Implementation<InventoryServiceHandlers>> = {
  async getProduct({ sku }, call) {
    await answer(call);
    return { product: { sku, name } };
  },
};

const participant: Implementation<ParticipantServiceHandlers> = {
  async *execute({ calls }, call) {
    await answer(call);
    yield { outcomes: calls.map((_, index) => ({ index, done: { result: '{}' } })) };
  },
};

const services = [
  implement(InventoryService, catalogue as Implementation<InventoryServiceHandlers>),
  implement(ParticipantService, participant),
];

const functions = {
  /** Begins to serve; the port. */
  async listen(options: ReplicaOptions): Promise<number> {
    const { port, bare, limits } = options;
    name = options.name;
    random = seeded(options.seed);
    if (bare) return serveBare(name);
    const log = createLogger({ service: name, level: 'error' });
    server = await serve({ host: '127.0.0.1', port, services, log, ...(limits && { limits }) });
    server.setServing(true);
    return server.port;
  },
  /** From now on. */
  behave(change: Partial<Behaviour>): void {
    behaviour = { ...behaviour, ...change };
  },
  /** How many calls came, by the beginning of the tenth of a second (of `clock_ms`). */
  arrivals: (): ReadonlyMap<number, number> => arrivals,
  /** Processor time so far, in seconds. */
  cpu_s(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000_000;
  },
};

export type ReplicaFunctions = typeof functions;

answerParent(functions);
process.once('SIGTERM', async () => {
  await server?.drain(5_000);
  process.exit(0);
});
