// A network between the processes of a platform: every replica has proxies of its own in front of each replica that it
// calls, and in front of the database, so that any two of them can be parted.
import { join } from 'node:path';
import { type Endpoint, writeEndpoints } from '../../../start/endpoints.ts';
import { directWiring, type Wiring } from '../../../start/wiring.ts';
import { openProxy, type TcpProxy, type Weather } from './proxy.ts';
import { calls, database, includes, type Party, serviceOf } from './topology.ts';

/** Something between two parties. */
export interface Disturbance {
  /** Who calls. */
  readonly from: Party;
  readonly to: Party;
  readonly weather: Weather;
}

export interface Network extends Wiring {
  /** Begins a disturbance; returns what ends it. Where several meet, the latest counts. */
  disturb(disturbance: Disturbance): () => void;
  close(): void;
}

interface Link {
  readonly from: string;
  readonly to: string;
  readonly target: number;
  readonly proxy: Promise<TcpProxy>;
}

const retry_ms = 1000;

export function openNetwork(directory: string, replicas: readonly string[]): Network {
  const direct = directWiring(directory);
  const pathOf = (replica: string) => join(directory, `endpoints-${replica}.json`);
  const links = new Map<string, Link>();
  let disturbances: readonly Disturbance[] = [];
  let wanted: readonly Endpoint[] = [];
  let isPublishing = false;

  const weatherOf = ({ from, to }: Link): Weather =>
    disturbances.findLast((one) => includes(one.from, from) && includes(one.to, to))?.weather ?? { type: 'calm' };
  const link = async (from: string, to: string, target: number): Promise<number> => {
    const key = `${from} ${to} ${target}`;
    const found = links.get(key) ?? { from, to, target, proxy: openProxy(target) };
    if (!links.has(key)) links.set(key, found);
    const proxy = await found.proxy;
    proxy.set(weatherOf(found));
    return proxy.port;
  };
  const setAll = () => links.forEach(async (one) => (await one.proxy).set(weatherOf(one)));
  /** The latest endpoints, for each who calls them, as its own proxies. */
  const publishAll = async () => {
    for (let done: readonly Endpoint[] | undefined; done !== wanted; ) {
      const endpoints = wanted;
      for (const from of replicas) {
        const called = endpoints.filter(({ service }) => calls[serviceOf(from)].some((name) => name === service));
        const seen = called.map(async (one) => ({ ...one, port: await link(from, one.name, one.port) }));
        writeEndpoints(pathOf(from), await Promise.all(seen));
      }
      dropUnused(endpoints);
      done = endpoints;
    }
  };
  const publishSoon = async () => {
    if (isPublishing) return;
    isPublishing = true;
    try {
      await publishAll();
    } catch {
      // The disk is full, it may be.
      setTimeout(publishSoon, retry_ms).unref();
    } finally {
      isPublishing = false;
    }
  };
  /** A process that is gone doesn't come back on its port. */
  const dropUnused = (endpoints: readonly Endpoint[]) => {
    const living = new Set(endpoints.map(({ name, port }) => `${name} ${port}`));
    for (const [key, { to, target, proxy }] of links) {
      if (to === database || living.has(`${to} ${target}`)) continue;
      links.delete(key);
      void proxy.then((one) => one.close());
    }
  };

  return {
    endpoints: pathOf,
    publish(endpoints) {
      direct.publish(endpoints);
      wanted = endpoints;
      void publishSoon();
    },
    async databases(replica, variables) {
      const led = Object.entries(variables).map(
        async ([name, value]) => [name, await redirect(replica, value)] as const,
      );
      return Object.fromEntries(await Promise.all(led));
    },
    preloads: () => [],
    disturb(disturbance) {
      disturbances = [...disturbances, disturbance];
      setAll();
      return () => {
        disturbances = disturbances.filter((one) => one !== disturbance);
        setAll();
      };
    },
    close() {
      for (const { proxy } of links.values()) void proxy.then((one) => one.close());
    },
  };

  /** One or several URLs of databases, led through the replica's proxy. */
  async function redirect(replica: string, urls: string): Promise<string> {
    const target = /@127\.0\.0\.1:(\d+)\//.exec(urls)?.[1];
    if (target === undefined) return urls;
    const port = await link(replica, database, Number(target));
    return urls.replaceAll(`@127.0.0.1:${target}/`, `@127.0.0.1:${port}/`);
  }
}
