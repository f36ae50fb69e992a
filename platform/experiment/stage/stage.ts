// What an experiment has to work with: replicas and callers, each a process, and the file in which the ones find the others.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { writeEndpoints } from '../../start/endpoints.ts';
import type { Functions } from './answer.ts';
import type { CallerFunctions, CallerOptions } from './caller.ts';
import { type Callers, openCallers } from './callers.ts';
import { type Child, startChild } from './child.ts';
import { startGateway } from './gateway.ts';
import type { ReplicaFunctions, ReplicaOptions } from './replica.ts';
import { openReplica, type Replica } from './replicas.ts';

export interface Stage {
  /** For files of an experiment. */
  readonly directory: string;
  /** The file that discovery reads. */
  readonly endpoints: string;
  readonly seed: number;
  /** When it is aborted, everything ends. */
  readonly signal: AbortSignal;
  /** Tells people what is going on. */
  say(text: string): void;
  /** Starts replicas of these names, and doesn't tell discovery. */
  startReplicas(names: readonly string[], options?: Partial<ReplicaOptions>): Promise<Replica[]>;
  /** From now on these are the endpoints. */
  publish(replicas: readonly Pick<Replica, 'name' | 'port'>[]): void;
  /** Starts callers of what is published. */
  startCallers(options?: Partial<CallerOptions> & { readonly processes?: number }): Promise<Callers>;
  /** Starts the shop's gateway before what is published; its URL. */
  startGateway(): Promise<string>;
  /** Fails when it is interrupted. */
  pause(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** So that the generator isn't what is measured. */
const usualProcesses = 2;
const usualTimeout_ms = 2_000;
const service = 'inventory';

export function openStage({ seed, signal, say }: Pick<Stage, 'seed' | 'signal' | 'say'>): Stage {
  const directory = mkdtempSync(join(tmpdir(), 'assent-experiment-'));
  const endpoints = join(directory, 'endpoints.json');
  const target = `${pathToFileURL(endpoints)}#${service}`;
  const children: Pick<Child<Functions>, 'signal' | 'ended'>[] = [];
  const end = () => {
    for (const child of children) child.signal('SIGKILL');
  };
  signal.addEventListener('abort', end);

  function start<F extends Functions>(file: string): Child<F> {
    signal.throwIfAborted();
    const child = startChild<F>(join(import.meta.dirname, file));
    children.push(child);
    return child;
  }

  return {
    directory,
    endpoints,
    seed,
    signal,
    say,
    startReplicas: (names, options = {}) =>
      Promise.all(
        names.map((name, index) => {
          const usual = { name, seed: seed + index, port: 0, bare: false, limits: undefined };
          return openReplica(start<ReplicaFunctions>('replica.ts'), { ...usual, ...options });
        }),
      ),
    publish(replicas) {
      const state = { service, ready: true, serving: true, terminating: false };
      writeEndpoints(
        endpoints,
        replicas.map(({ name, port }) => ({ name, port, ...state })),
      );
    },
    startCallers({ processes = usualProcesses, ...options } = {}) {
      const callers = Array.from({ length: processes }, () => start<CallerFunctions>('caller.ts'));
      const usual = { target, by: 'libs/rpc', serviceConfig: undefined, timeout_ms: usualTimeout_ms } as const;
      return openCallers(callers, { ...usual, ...options });
    },
    async startGateway() {
      const gateway = await startGateway(`${pathToFileURL(endpoints)}#{service}`, usualTimeout_ms);
      children.push(gateway);
      return gateway.url;
    },
    async pause(seconds) {
      await sleep(Math.max(0, seconds * 1000), undefined, { signal });
    },
    async close() {
      end();
      await Promise.all(children.map(({ ended }) => ended));
      signal.removeEventListener('abort', end);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
