import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@assent/ports';
import { restartDelay_ms, settled_ms } from './backoff.ts';
import { type Life, type ReplicaState, watchLife } from './life.ts';

export interface ReplicaOptions {
  /** Such as order-1. */
  readonly name: string;
  readonly service: string;
  /** One that was promised; without it every process gets a free one. */
  readonly port?: number;
  /** Starts a process that is to serve gRPC on the one port and its metrics on the other. */
  spawn(port: number, metricsPort: number): ChildProcess;
  onState(state: ReplicaState): void;
  onDeath(death: Death): void;
}

export interface Death {
  readonly cause: string;
  /** In a row, without having lived for long. */
  readonly deaths: number;
  readonly restartIn_ms: number;
}

/** A process that is started again whenever it ends, and the state that it is in. */
export interface Replica {
  readonly name: string;
  readonly service: string;
  readonly state: ReplicaState;
  /** Of its process, or its last one. */
  readonly metricsPort: number | undefined;
  /** Ends it for good: SIGTERM, and SIGKILL when it takes longer. */
  stop(timeout_ms: number): Promise<void>;
  /** Ends its process in the same way; another one is started, as always. */
  restart(timeout_ms: number): Promise<void>;
  kill(): void;
}

export function superviseReplica(options: ReplicaOptions): Replica {
  const over = new AbortController();
  let state: ReplicaState = { type: 'down' };
  let life: Life | undefined;
  let metricsPort: number | undefined;

  const setState = (next: ReplicaState) => {
    state = next;
    options.onState(next);
  };
  const begin = async () => {
    const port = options.port ?? (await freePort());
    metricsPort = await freePort();
    if (!over.signal.aborted) life = watchLife(options.spawn(port, metricsPort), port, setState);
    return life;
  };
  void keepAlive(begin, over.signal, options.onDeath);

  const { name, service } = options;
  return {
    name,
    service,
    get state() {
      return state;
    },
    get metricsPort() {
      return metricsPort;
    },
    async stop(timeout_ms) {
      over.abort();
      if (state.type !== 'down') await life?.stop(timeout_ms);
    },
    async restart(timeout_ms) {
      if (state.type !== 'down') await life?.stop(timeout_ms);
    },
    kill() {
      over.abort();
      life?.kill();
    },
  };
}

async function keepAlive(begin: () => Promise<Life | undefined>, over: AbortSignal, onDeath: (death: Death) => void) {
  for (let deaths = 0; !over.aborted; ) {
    const begun_ms = performance.now();
    const cause = await begin().then(
      (life) => life?.end,
      (error: Error) => error.message,
    );
    if (over.aborted || cause === undefined) return;
    deaths = performance.now() - begun_ms > settled_ms ? 1 : deaths + 1;
    const restartIn_ms = restartDelay_ms(deaths, Math.random());
    onDeath({ cause, deaths, restartIn_ms });
    await sleep(restartIn_ms, undefined, { signal: over }).catch(() => {});
  }
}
