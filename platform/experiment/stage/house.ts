// The whole platform, for experiments with the shop itself.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '@assent/ports';
import type { Event } from '../../start/events.ts';
import { startPlatform } from '../../start/platform.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Stage } from './stage.ts';

export interface House {
  /** Of the gateway that takes requests now. */
  url(): string;
  /** All but the gateway, such as order-1. */
  readonly replicas: readonly string[];
  /** Ends a replica as a rolling update does. Fulfilled when its successor serves. */
  restart(name: string): Promise<void>;
  /** Ends it without a word, likewise. */
  kill(name: string): Promise<void>;
  /** Restarts the gateway; another one takes requests meanwhile. */
  replaceGateway(): Promise<void>;
  close(): Promise<void>;
}

const requestTimeout_ms = 15_000;
/** For a replica to serve again. */
const patience_s = 60;
/** Who has asked a gateway has its answer by then. */
const linger_s = 2;

export async function openHouse(stage: Stage, replicas: number): Promise<House> {
  const pids = new Map<string, number>();
  const emit = (event: Event) => {
    if (event.type === 'serving') pids.set(event.replica, event.pid);
  };
  const port = await freePort({ inARow: 2 });
  stage.say('starting a platform');
  const platform = await startPlatform({ port, replicas, logLevel: 'fatal', emit });
  stage.signal.addEventListener('abort', () => platform.kill(), { once: true });
  try {
    await platform.open();
  } catch (error) {
    await platform.stop();
    throw error;
  }
  const own = `http://127.0.0.1:${port}`;
  let current = own;
  let other: Gateway | undefined;

  async function successor(name: string, before: number | undefined): Promise<void> {
    for (let waited_s = 0; pids.get(name) === before; waited_s += 0.1) {
      if (waited_s > patience_s) throw new Error(`${name} doesn't serve again`);
      await stage.pause(0.1);
    }
  }
  async function end(name: string, how: (pid: number) => void | Promise<void>): Promise<void> {
    const pid = pids.get(name) ?? 0;
    await how(pid);
    await successor(name, pid);
  }
  const restart = (name: string) => end(name, () => platform.restart(name));

  return {
    url: () => current,
    replicas: [...pids.keys()].filter((name) => name !== 'gateway').sort(),
    restart,
    kill: (name) => end(name, (pid) => void process.kill(pid, 'SIGKILL')),
    async replaceGateway() {
      const endpoints = pathToFileURL(join(platform.run.record.directory, 'endpoints.json'));
      other = await startGateway(`${endpoints}#{service}`, requestTimeout_ms);
      current = other.url;
      await stage.pause(linger_s);
      await restart('gateway');
      current = own;
      await stage.pause(linger_s);
      other.signal('SIGTERM');
      await other.ended;
    },
    async close() {
      other?.signal('SIGKILL');
      await platform.stop();
    },
  };
}
