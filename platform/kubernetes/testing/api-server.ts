import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';

/** As far as it is looked at here. */
interface Stored {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

export const pods = '/api/v1/namespaces/shop/pods';
export const services = '/api/v1/namespaces/shop/services';
export const secrets = '/api/v1/namespaces/shop/secrets';
export const deployments = '/apis/apps/v1/namespaces/shop/deployments';
export const nodes = '/api/v1/nodes';

/**
 * Speaks as much of the Kubernetes API as is needed here, over HTTP on 127.0.0.1: objects are listed by their labels and read
 * by their names, and a port of a pod is a port of 127.0.0.1. KUBECONFIG names it until `close`.
 */
export async function startApiServer() {
  const collections = new Map<string, Map<string, Stored>>();
  const refusals = new Map<string, number>();
  const server = createServer(answer).listen(0, '127.0.0.1');
  const forwards = new WebSocketServer({ server, handleProtocols: () => 'v4.channel.k8s.io' });
  forwards.on('connection', (socket, request) => forward(socket, request.url ?? ''));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const restore = nameInKubeconfig(url);

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    const [folder, name] = collections.has(pathname) ? [pathname, undefined] : split(pathname);
    const refusal = refusals.get(folder);
    const found = collections.get(folder);
    const object = name === undefined ? undefined : found?.get(name);
    if (refusal !== undefined) status(response, refusal, `you may not read ${folder}`);
    else if (name === undefined) json(response, 200, { items: select(found, searchParams.get('labelSelector') ?? '') });
    else if (object) json(response, 200, object);
    else status(response, 404, `${name} not found`);
  }

  return {
    put: (collection: string, ...objects: Stored[]) => {
      const all = collections.get(collection) ?? new Map<string, Stored>();
      for (const object of objects) all.set(object.metadata.name, object);
      collections.set(collection, all);
    },
    remove: (collection: string, name: string) => collections.get(collection)?.delete(name),
    /** From now on everything about that collection is refused so. */
    refuse: (collection: string, code: number) => refusals.set(collection, code),
    close: async () => {
      restore();
      for (const socket of forwards.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Returns what undoes it. */
function nameInKubeconfig(server: string): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'assent-kubeconfig-'));
  const path = join(directory, 'kubeconfig');
  const config = {
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester' } }],
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'tester', user: {} }],
  };
  writeFileSync(path, JSON.stringify(config));
  const before = process.env.KUBECONFIG;
  process.env.KUBECONFIG = path;
  return () => {
    process.env.KUBECONFIG = before ?? '';
    rmSync(directory, { recursive: true });
  };
}

function split(path: string): [string, string] {
  const end = path.lastIndexOf('/');
  return [path.slice(0, end), path.slice(end + 1)];
}

function select(objects: ReadonlyMap<string, Stored> | undefined, selector: string): Stored[] {
  const wanted = selector === '' ? [] : selector.split(',').map((one) => one.split('=') as [string, string]);
  const matches = ({ metadata }: Stored) => wanted.every(([key, value]) => metadata.labels?.[key] === value);
  return [...(objects?.values() ?? [])].filter(matches);
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function status(response: ServerResponse, code: number, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}

/**
 * A WebSocket carries two streams each way, told apart by the first byte: 0 data, 1 an error. Both begin with the port in two
 * bytes: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#-strong-proxy-operations-pod-v1-core-strong-
 */
function forward(socket: WebSocket, path: string): void {
  const port = Number(new URL(path, 'http://pod').searchParams.get('ports'));
  const begin = (stream: number) => socket.send(Buffer.from([stream, port & 0xff, port >> 8]));
  begin(0);
  begin(1);
  const pod = connect(port, '127.0.0.1');
  pod.on('data', (chunk) => socket.send(Buffer.concat([Buffer.from([0]), chunk])));
  pod.on('error', ({ message }) => socket.send(Buffer.concat([Buffer.from([1]), Buffer.from(message)])));
  pod.on('close', () => socket.close());
  socket.on('message', (data: Buffer) => pod.write(data.subarray(1)));
  socket.on('close', () => pod.destroy());
}
