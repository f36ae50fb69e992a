// Real servers that do what a test says, and a client whose endpoints the test gives.
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@assent/ports';
import * as grpc from '@grpc/grpc-js';
import { LOCAL_ZONE, SERVICE, ZONES } from '../../attributes.ts';
import { endpointLoads } from '../endpoint-loads.ts';

const PATH = '/test.Echo/Who';
const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() };
const echo = {
  who: {
    path: PATH,
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
};
const health = {
  watch: {
    path: '/grpc.health.v1.Health/Watch',
    requestStream: false as const,
    responseStream: true as const,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (isServing: boolean) => Buffer.from([0x08, isServing ? 1 : 2]),
    responseDeserialize: (bytes: Buffer) => bytes[1] === 1,
  },
};

const open: (() => void)[] = [];

/** Closes all servers and clients. */
export function closeAll(): void {
  for (const close of open.splice(0)) close();
}

interface Answer {
  readonly wait_ms?: number;
  /** It waits for that first. */
  readonly hold?: Promise<unknown>;
  readonly code?: grpc.status;
  readonly isSilent?: boolean;
}

export interface Replica {
  readonly name: string;
  readonly port: number;
  /** What it does with the next calls. */
  answer: (call: number) => Answer;
  /** What it says of its health; undefined: it doesn't answer. */
  setHealth(isServing: boolean | undefined): void;
  /** Health streams that are open. */
  readonly watches: ReadonlySet<object>;
  calls: number;
  /** Where its connections came from. */
  readonly peers: ReadonlySet<string>;
  close(): void;
}

export interface ReplicaOptions {
  readonly port?: number;
  readonly zone?: string;
  /** Without a health service at all: false. */
  readonly hasHealth?: boolean;
  readonly isServing?: boolean | undefined;
  /** How old its connections get. */
  readonly maxAge_ms?: number;
}

export async function startReplica(name: string, options: ReplicaOptions = {}): Promise<Replica & { zone?: string }> {
  type Watch = grpc.ServerWritableStream<Buffer, boolean>;
  const { zone, hasHealth = true } = options;
  const watches = new Set<Watch>();
  const peers = new Set<string>();
  let isServing = 'isServing' in options ? options.isServing : true;
  const server = new grpc.Server(options.maxAge_ms ? { 'grpc.max_connection_age_ms': options.maxAge_ms } : {});
  server.addService(echo, {
    async who(_call: unknown, reply: grpc.sendUnaryData<string>) {
      const { wait_ms = 0, hold, code, isSilent } = replica.answer(replica.calls++);
      if (isSilent) return;
      await hold;
      setTimeout(() => (code === undefined ? reply(null, name) : reply({ code })), wait_ms);
    },
  });
  if (hasHealth) {
    server.addService(health, {
      watch(call: Watch) {
        watches.add(call);
        peers.add(call.getPeer());
        call.on('cancelled', () => watches.delete(call));
        if (isServing !== undefined) call.write(isServing);
      },
    });
  }
  const port = options.port ?? (await freePort());
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), done);
  });
  const replica = {
    name,
    port,
    ...(zone !== undefined && { zone }),
    answer: () => ({}),
    calls: 0,
    watches,
    peers,
    setHealth(now: boolean | undefined) {
      isServing = now;
      if (now !== undefined) for (const watch of watches) watch.write(now);
    },
    close: () => server.forceShutdown(),
  } as Replica;
  open.push(replica.close);
  return replica;
}

interface Place {
  readonly port: number;
  readonly zone?: string;
}

/** What resolvers of `test:///<id>` give. */
const places = new Map<string, readonly Place[]>();
const resolvers = new Map<string, () => void>();

class TestResolver {
  readonly #id: string;
  readonly #listener: grpc.experimental.ResolverListener;

  constructor(target: grpc.experimental.GrpcUri, listener: grpc.experimental.ResolverListener) {
    this.#id = target.path;
    this.#listener = listener;
    resolvers.set(this.#id, () => this.updateResolution());
  }

  static getDefaultAuthority(): string {
    return 'echo';
  }

  updateResolution(): void {
    const found = (places.get(this.#id) ?? []).map(({ port, zone }) => ({
      endpoint: { addresses: [{ host: '127.0.0.1', port }] },
      zone,
    }));
    const zones = found.map(({ endpoint, zone }) => [grpc.experimental.endpointToString(endpoint), zone]);
    const endpoints = grpc.experimental.statusOrFromValue(found.map(({ endpoint }) => endpoint));
    const attributes = { [SERVICE]: this.#id, [ZONES]: new Map(zones as [string, string][]) };
    setImmediate(() => this.#listener(endpoints, attributes, null, ''));
  }

  destroy(): void {
    resolvers.delete(this.#id);
  }
}

export interface TestClient {
  /** The name of the replica that answered. */
  who(options?: { readonly deadline_ms?: number; readonly key?: string }): Promise<string>;
  /** Who answered how many of `calls`, eight at a time; failures by their code. */
  tally(calls?: number): Promise<Record<string, number>>;
  setPlaces(now: readonly Place[]): void;
  /** By the name of the replica at that place. */
  states(replicas: readonly Replica[]): Record<string, string>;
  close(): void;
}

let clients = 0;

/** A client with one entry of `loadBalancingConfig`. */
export function startClient(config: object, at: readonly Place[], zone?: string): TestClient {
  grpc.experimental.registerResolver('test', TestResolver);
  const id = `/echo-${++clients}`;
  places.set(id, at);
  const client = new grpc.Client(`test:${id}`, grpc.credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [config] }),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 200,
    ...(zone !== undefined && { [LOCAL_ZONE]: zone }),
  });
  const close = () => client.close();
  open.push(close);
  const who: TestClient['who'] = ({ deadline_ms = 10_000, key } = {}) =>
    new Promise((resolve, reject) => {
      const metadata = new grpc.Metadata();
      if (key !== undefined) metadata.set('assent-hash-key', key);
      const done = (error: Error | null, name?: string) => (error ? reject(error) : resolve(name!));
      const options = { deadline: Date.now() + deadline_ms };
      client.makeUnaryRequest(PATH, text.serialize, text.deserialize, 'who?', metadata, options, done);
    });
  return {
    who,
    async tally(calls = 80) {
      const counts: Record<string, number> = {};
      for (let round = 0; round < calls / 8; round++) {
        const answers = Array.from({ length: 8 }, () => who().catch(({ code }) => grpc.status[code] ?? '?'));
        for (const name of await Promise.all(answers)) counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    setPlaces(now) {
      places.set(id, now);
      resolvers.get(id)?.();
    },
    states(replicas) {
      const loads = endpointLoads().filter(({ service }) => service === id);
      const stateOf = ({ port }: Replica) => loads.find(({ endpoint }) => endpoint.endsWith(`:${port}`))?.state;
      return Object.fromEntries(replicas.map((replica) => [replica.name, stateOf(replica) ?? 'unknown']));
    },
    close,
  };
}

/** Waits for a condition; only a test that fails waits for long. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end_ms = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end_ms) throw new Error('still not so after 20 s');
    await sleep(10);
  }
}
