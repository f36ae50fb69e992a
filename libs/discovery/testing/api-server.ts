import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { freePort } from '@assent/ports';
import { setKubeconfig } from '@assent/testing';

/** What a stand-in for a Kubernetes API server was asked. */
export interface Asked {
  readonly verb: 'list' | 'watch';
  readonly path: string;
  readonly query: URLSearchParams;
}

/** How it answers: as it should, with a Status of that code, not at all, or (only a watch) with a Status in an event. */
export type Manner = 'ANSWER' | 'IGNORE' | { readonly code: number; readonly message: string; readonly inEvent?: true };

/**
 * Speaks as much of the Kubernetes API as watching EndpointSlices needs, over HTTP on 127.0.0.1, and misbehaves as it is
 * told. Sets KUBECONFIG to itself until `close`.
 */
export async function startApiServer() {
  const slices = new Map<string, object>();
  const streams = new Set<ServerResponse>();
  const asked: Asked[] = [];
  const manners: Record<Asked['verb'], Manner> = { list: 'ANSWER', watch: 'ANSWER' };
  let version = 100;
  const port = await freePort();
  let server: Server;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path, searchParams: query } = new URL(request.url!, 'http://localhost');
    const verb = query.has('watch') ? 'watch' : 'list';
    asked.push({ verb, path, query });
    const manner = manners[verb];
    if (manner === 'IGNORE') return;
    if (manner !== 'ANSWER' && !manner.inEvent) json(response, manner.code, status(manner.code, manner.message));
    else if (verb === 'list') json(response, 200, list());
    else stream(response, manner === 'ANSWER' ? undefined : manner);
  }

  function list(): object {
    const metadata = { resourceVersion: `${version}` };
    return { kind: 'EndpointSliceList', apiVersion: 'discovery.k8s.io/v1', metadata, items: [...slices.values()] };
  }

  function stream(response: ServerResponse, refusal: { code: number; message: string } | undefined): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (refusal) response.end(event('ERROR', status(refusal.code, refusal.message)));
    else streams.add(response.on('close', () => streams.delete(response)));
  }

  function send(type: string, object: object): void {
    for (const response of streams) response.write(event(type, object));
  }

  async function start(): Promise<void> {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  }

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  await start();
  const restore = setKubeconfig(port);

  return {
    asked,
    manners,
    /** Answers again after `stop`, at the same address. */
    start,
    /** Is gone: every connection breaks, and no new one is made. */
    stop,
    /** How many watch at the moment. */
    watching: () => streams.size,
    /** A slice is there, or has changed; tells who watches unless it is to lose the event. */
    put(slice: { metadata: { name: string } }, { lose = false } = {}): void {
      version++;
      const changed = { ...slice, metadata: { ...slice.metadata, resourceVersion: `${version}` } };
      const type = slices.has(slice.metadata.name) ? 'MODIFIED' : 'ADDED';
      slices.set(slice.metadata.name, changed);
      if (!lose) send(type, changed);
    },
    remove(name: string): void {
      version++;
      const slice = slices.get(name)! as { metadata: object };
      slices.delete(name);
      send('DELETED', { ...slice, metadata: { ...slice.metadata, resourceVersion: `${version}` } });
    },
    /** Others' changes make the version go on; a bookmark says so. */
    bookmark(): string {
      version += 10;
      send('BOOKMARK', { kind: 'EndpointSlice', metadata: { resourceVersion: `${version}` } });
      return `${version}`;
    },
    /** Whatever text, to all who watch. */
    write(text: string): void {
      for (const response of streams) response.write(text);
    },
    /** Ends streams as a server does whose time for them is over. */
    end(): void {
      for (const response of streams) response.end();
    },
    /** Breaks streams off. */
    cut(): void {
      for (const response of streams) response.destroy();
    },
    async close(): Promise<void> {
      restore();
      await stop();
    },
  };
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

function status(code: number, message: string): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
}
