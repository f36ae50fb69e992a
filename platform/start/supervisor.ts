import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../run/identity.ts';
import { metricsTargetsPath } from '../run/paths.ts';
import type { RunProcess } from '../run/registry.ts';
import type { Endpoint } from './endpoints.ts';
import type { Emit } from './events.ts';
import { followOutput, type Level, openLog } from './logs.ts';
import { writeMetricsTargets } from './metrics.ts';
import { awaitReadiness, type Readiness } from './readiness.ts';
import { type Replica, superviseReplica } from './replica.ts';
import { type ServiceName, type ServiceSettings, serviceNames, spawnService, stopOrder } from './services.ts';

const readyTimeout_ms = 60_000;
/** A little more than a service takes at most to drain. */
const stopTimeout_ms = 12_000;
const retry_ms = 1000;

export interface SupervisorOptions extends ServiceSettings {
  readonly directory: string;
  readonly replicas: number;
  readonly grpc_port: number;
  /** Log entries from this level up are emitted. */
  readonly logLevel: Level;
  readonly emit: Emit;
  onProcesses(processes: readonly RunProcess[]): void;
}

/** All processes of the services: the part that the kubelet and the endpoint controller play in Kubernetes. */
export interface Supervisor {
  /** Starts one replica of every service. Fulfilled when each has served; fails when one can't be started. */
  startFirst(): Promise<void>;
  /** Starts the other replicas, likewise. */
  startRest(): Promise<void>;
  /** Ends the process of a replica such as order-1 as a rolling update does, and starts another one. Fulfilled when it has ended. */
  restart(name: string): Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

interface Place {
  readonly service: ServiceName;
  readonly name: string;
  readonly port?: number;
}

export function supervise(options: SupervisorOptions): Supervisor {
  const logs = join(options.directory, 'logs');
  mkdirSync(logs, { recursive: true });
  const replicas: Replica[] = [];

  function start(places: readonly Place[]): Promise<void> {
    const readiness = awaitReadiness(
      places.map(({ name }) => name),
      readyTimeout_ms,
    );
    replicas.push(...places.map((place) => keepReplica(place, readiness)));
    return readiness.reached;
  }

  function publish(): void {
    try {
      options.wiring.publish(replicas.flatMap(endpoint));
      writeMetricsTargets(metricsTargetsPath(options.directory), replicas);
      options.onProcesses(replicas.flatMap(runProcess));
    } catch {
      // The disk is full, it may be. Until it takes the list, services work with the one before.
      setTimeout(publish, retry_ms).unref();
    }
  }

  function keepReplica({ service, name, port }: Place, readiness: Readiness): Replica {
    const log = openLog(join(logs, `${name}.log`));
    return superviseReplica({
      name,
      service,
      ...(port ? { port } : {}),
      spawn(at, metricsPort) {
        const child = spawnService(service, { name, port: at, metricsPort }, options);
        followOutput(child, log, options.logLevel, (entry) => {
          // What Node prints when a program fails to start is long; one line of it says why.
          if (entry.service || /Error/.test(entry.msg)) readiness.said(name, entry.msg);
          options.emit({ type: 'log', replica: name, entry });
        });
        return child;
      },
      onState(state) {
        publish();
        if (state.type === 'serving') readiness.served(name);
        if (state.type === 'serving' || state.type === 'not_serving') {
          options.emit({ type: state.type, replica: name, pid: state.pid, port: state.port });
        }
      },
      onDeath(death) {
        options.emit({ type: 'died', replica: name, ...death });
        readiness.died(name, death);
      },
    });
  }

  return {
    startFirst: () => start(serviceNames.flatMap((service) => placesOf(service, options).slice(0, 1))),
    startRest: () => start(serviceNames.flatMap((service) => placesOf(service, options).slice(1))),
    async restart(name) {
      const replica = replicas.find((one) => one.name === name);
      if (!replica) throw new Error(`there is no replica ${name}`);
      await replica.restart(stopTimeout_ms);
    },
    async stop() {
      for (const group of stopOrder) {
        const members = replicas.filter(({ service }) => group.some((name) => name === service));
        await Promise.all(members.map((replica) => replica.stop(stopTimeout_ms)));
      }
    },
    kill: () => replicas.forEach((replica) => void replica.kill()),
  };
}

function placesOf(service: ServiceName, { replicas, grpc_port }: SupervisorOptions): Place[] {
  if (service === 'gateway') return [{ service, name: service, port: grpc_port }];
  return Array.from({ length: replicas }, (_, index) => ({ service, name: `${service}-${index + 1}` }));
}

function endpoint({ name, service, state }: Replica): Endpoint[] {
  if (state.type === 'down') return [];
  const ready = state.type === 'serving';
  const terminating = state.type === 'terminating';
  return [{ name, service, port: state.port, ready, serving: ready || terminating, terminating }];
}

function runProcess({ name, state }: Replica): RunProcess[] {
  const identity = state.type === 'down' ? undefined : identify(state.pid);
  return identity ? [{ name, identity }] : [];
}
