// Connections from outside to a pod, by the API server.
import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import { refusalOf } from './failure.ts';

/** Any ready pod of those, at one of its ports. */
export interface Target {
  readonly namespace: string;
  readonly selector: string;
  /** A number, or the name that the pod gives it. */
  readonly port: number | string;
}

export interface Forward {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** How long a new connection waits for a pod that is ready. */
const patience_ms = 30_000;
const pause_ms = 300;
const mostConnections = 512;
const mostBuffered_bytes = 1024 * 1024;
const drainPeriod_ms = 5;

/**
 * Listens on a free port, once it has been seen that it leads somewhere. Every connection finds a pod anew, and waits for one
 * when there is none: so it survives the pod's deletion, of which the connections that it had learn by being closed.
 */
export async function openForward(cluster: Cluster, target: Target): Promise<Forward> {
  await tryOut(cluster, target);
  const open = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    open.add(socket.once('close', () => open.delete(socket)));
    socket.on('error', () => socket.destroy());
    // Whoever connected learns of it as of any server that's gone: by the end of the connection.
    relay(cluster, target, socket).catch(() => socket.destroy());
  });
  server.maxConnections = mostConnections;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Rejects with what is in the way, which those who connect later wouldn't be told. */
async function tryOut(cluster: Cluster, target: Target): Promise<void> {
  const place = await findPod(cluster, target, () => false);
  const tunnel = await dig(cluster, target.namespace, place, new Socket().destroy());
  tunnel.close();
}

async function relay(cluster: Cluster, target: Target, socket: Socket): Promise<void> {
  const pod = await findPod(cluster, target, () => socket.destroyed);
  const tunnel = await dig(cluster, target.namespace, pod, socket);
  tunnel.addEventListener('close', () => socket.end());
  tunnel.addEventListener('error', () => socket.destroy());
  socket.once('close', () => tunnel.close());
  if (socket.destroyed) tunnel.close();
  holdBack(socket, tunnel);
  socket.resume();
}

/** What of a WebSocket is used here. */
interface Tunnel {
  /** In bytes: what is not sent yet. */
  readonly bufferedAmount: number;
  addEventListener(event: 'message' | 'close' | 'error', listener: () => void): void;
  pause(): void;
  resume(): void;
  close(): void;
}

/** The client reads on however much is waiting to be sent. */
function holdBack(socket: Socket, tunnel: Tunnel): void {
  let timer: NodeJS.Timeout | undefined;
  socket.on('data', () => {
    if (timer !== undefined || tunnel.bufferedAmount <= mostBuffered_bytes) return;
    socket.pause();
    timer = setInterval(() => {
      if (tunnel.bufferedAmount > mostBuffered_bytes) return;
      clearInterval(timer);
      timer = undefined;
      socket.resume();
    }, drainPeriod_ms);
  });
  socket.once('close', () => clearInterval(timer));
}

interface Place {
  readonly pod: string;
  readonly port: number;
}

/** @param isOver nobody wants it any more */
async function findPod(cluster: Cluster, target: Target, isOver: () => boolean): Promise<Place> {
  const { namespace, selector: labelSelector } = target;
  const until_ms = performance.now() + patience_ms;
  for (;;) {
    const ready = await readyPods(cluster, target);
    const pod = ready[Math.floor(Math.random() * ready.length)];
    if (pod) return { pod: pod.metadata?.name ?? '', port: portOf(pod, target.port) };
    if (isOver() || performance.now() > until_ms)
      throw new Error(`no pod is ready of those with ${labelSelector} in ${namespace}; \`kubectl describe\` says why`);
    await sleep(pause_ms * (0.5 + Math.random()));
  }
}

/** None while the API server is busy or away; who may not look for them won't find any by waiting. */
async function readyPods(cluster: Cluster, { namespace, selector: labelSelector }: Target): Promise<V1Pod[]> {
  try {
    return (await cluster.core.listNamespacedPod({ namespace, labelSelector })).items.filter(isReady);
  } catch (error) {
    if ([401, 403].includes(refusalOf(error) ?? 0)) throw error;
    return [];
  }
}

function isReady({ metadata, status }: V1Pod): boolean {
  const isUp = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return isUp && metadata?.deletionTimestamp === undefined;
}

function portOf(pod: V1Pod, port: number | string): number {
  const ports = pod.spec?.containers.flatMap(({ ports = [] }) => ports) ?? [];
  const found = typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
  if (found === undefined) throw new Error(`the pod ${pod.metadata?.name} has no port named ${port}`);
  return found;
}

/** What comes from the pod goes into the socket, no faster than it takes it; what is said of an error ends both. */
async function dig(cluster: Cluster, namespace: string, { pod, port }: Place, socket: Socket): Promise<Tunnel> {
  const fromPod = new Writable({
    write: (chunk: Buffer, _, done) => (socket.destroyed ? done() : socket.write(chunk, () => done())),
  });
  const errors = new Writable({
    write(words: Buffer, _, done) {
      // The first, which says nothing, opens the stream.
      if (words.length > 0) socket.destroy();
      done();
    },
  });
  const forward = new cluster.client.PortForward(cluster.config);
  const tunnel = (await forward
    .portForward(namespace, pod, [port], fromPod, errors, socket)
    .catch(({ message }: { message: string }) => {
      // The client says no more than `Unexpected server response: 403`.
      throw new Error(`port-forward to ${namespace}/${pod}: ${message}; it takes the verb create on pods/portforward`);
    })) as Tunnel;
  tunnel.addEventListener('message', () => {
    if (fromPod.writableNeedDrain) tunnel.pause();
  });
  fromPod.on('drain', () => tunnel.resume());
  return tunnel;
}
