import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setKubeconfig } from '@assent/testing';

interface LeaseObject {
  readonly metadata: { readonly resourceVersion?: string; readonly [field: string]: unknown };
  readonly spec?: { readonly holderIdentity?: string; readonly leaseTransitions?: number; readonly renewTime?: string };
}

/** How it answers: as it should, with a Status of that code, or not at all. */
export type Manner = 'ANSWER' | 'IGNORE' | { readonly code: number; readonly message: string };

/**
 * Speaks as much of the Kubernetes API as one Lease needs, `shop/order`, over HTTP on 127.0.0.1: get and update, with
 * optimistic concurrency. Misbehaves as it is told. Sets KUBECONFIG to itself until `close`.
 */
export async function startLeaseServer() {
  let version = 100;
  let manner: Manner = 'ANSWER';
  let lease: LeaseObject = { metadata: { name: 'order', namespace: 'shop', resourceVersion: `${version}` } };
  const asked: string[] = [];

  function put(body: LeaseObject): void {
    lease = { ...body, metadata: { ...body.metadata, resourceVersion: `${++version}` } };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push(`${request.method} ${request.url}`);
    const body = await text(request);
    if (manner === 'IGNORE') return;
    if (manner !== 'ANSWER') return refuse(response, manner.code, manner.message);
    if (request.method === 'PUT') {
      const wanted = JSON.parse(body) as LeaseObject;
      if (wanted.metadata.resourceVersion !== lease.metadata.resourceVersion)
        return refuse(response, 409, 'the object has been modified');
      put(wanted);
    }
    json(response, 200, { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', ...lease });
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const restore = setKubeconfig((server.address() as AddressInfo).port);

  return {
    /** Each request, such as `GET /apis/…`. */
    asked,
    spec: () => lease.spec ?? {},
    /** Somebody else changes it. */
    change(change: (lease: LeaseObject) => LeaseObject): void {
      put(change(lease));
    },
    behave(next: Manner): void {
      manner = next;
      if (next !== 'IGNORE') server.closeAllConnections();
    },
    async close(): Promise<void> {
      restore();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse, code: number, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code });
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
