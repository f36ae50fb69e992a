import type * as Client from '@kubernetes/client-node';
import * as z from 'zod';
import { explained, isExpired, isTimeout } from './kubernetes-failure.ts';

/** What the API server is asked about the EndpointSlices of one service. */
export interface SliceApi {
  /** All of them, not checked, and the version from which to watch on. */
  list(signal: AbortSignal): Promise<{ slices: readonly unknown[]; version: string }>;
  /**
   * Every change after that version, for so long at most. EXPIRED: the server doesn't know the version any more. SILENT:
   * not a byte came for too long; the connection may be dead. Throws when the stream breaks or is refused.
   */
  watch(
    from: { version: string; timeout_ms: number },
    changed: (change: SliceChange) => void,
    signal: AbortSignal,
  ): Promise<WatchEnd>;
}

export type WatchEnd = 'ENDED' | 'EXPIRED' | 'SILENT';

/** Of the slice only what all objects have is checked. A BOOKMARK has no name and tells how far the stream is. */
const SliceChange = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']),
  object: z.looseObject({ metadata: z.looseObject({ name: z.string().default(''), resourceVersion: z.string() }) }),
});
export type SliceChange = z.infer<typeof SliceChange>;

/** Where the slices are. */
export interface SlicesOf {
  readonly namespace: string;
  readonly service: string;
}

const LIST_DEADLINE_MS = 10_000;

/**
 * By the official client, which is big and loaded when it is needed first. It takes the cluster from KUBECONFIG,
 * ~/.kube/config or, in a pod, from its service account. `silence_ms`: a stream without a byte for so long is given up.
 */
export async function sliceApi(slices: SlicesOf, silence_ms: number): Promise<SliceApi> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new Error('the kubeconfig has no current cluster');
  const cluster: Cluster = { client, config, server, ...slices };
  return {
    list: (signal) => list(cluster, AbortSignal.any([signal, AbortSignal.timeout(LIST_DEADLINE_MS)])),
    watch: (from, changed, signal) => watch(cluster, { ...from, silence_ms }, changed, signal),
  };
}

interface Cluster extends SlicesOf {
  readonly client: typeof Client;
  readonly config: Client.KubeConfig;
  /** Its URL. */
  readonly server: string;
}

const selector = (service: string) => `kubernetes.io/service-name=${service}`;
const pathOf = (namespace: string) => `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;

async function list(cluster: Cluster, ended: AbortSignal): Promise<{ slices: readonly unknown[]; version: string }> {
  const { client, config, server, namespace, service } = cluster;
  const limited = {
    async pre(request: Client.RequestContext) {
      request.setSignal(ended);
      return request;
    },
    post: async (response: Client.ResponseContext) => response,
  };
  const baseServer = new client.ServerConfiguration(server, {});
  const options = { baseServer, authMethods: { default: config }, promiseMiddleware: [limited] };
  const api = new client.DiscoveryV1Api(client.createConfiguration(options));
  try {
    const { items, metadata } = await api.listNamespacedEndpointSlice({ namespace, labelSelector: selector(service) });
    return { slices: items, version: metadata?.resourceVersion ?? '' };
  } catch (error) {
    throw failure('list', cluster, error);
  }
}

async function watch(
  cluster: Cluster,
  { version, timeout_ms, silence_ms }: { version: string; timeout_ms: number; silence_ms: number },
  changed: (change: SliceChange) => void,
  signal: AbortSignal,
): Promise<WatchEnd> {
  const stream = new cluster.client.Watch(cluster.config);
  // It may be silent from one bookmark to the next, a minute or more; the client's own limit of 30 s has no setting.
  Reflect.set(stream, 'requestTimeoutMs', silence_ms);
  const over = new AbortController();
  const ended = AbortSignal.any([signal, over.signal, AbortSignal.timeout(timeout_ms + silence_ms)]);
  try {
    return await new Promise((resolve, reject) => {
      ended.addEventListener('abort', () => resolve('ENDED'));
      const failed = (error: unknown) => {
        if (isExpired(error)) resolve('EXPIRED');
        else if (isTimeout(error)) resolve('SILENT');
        else reject(failure('watch', cluster, error));
      };
      const event = (type: string, object: unknown) => {
        if (ended.aborted) return;
        const change = SliceChange.safeParse({ type, object });
        try {
          if (change.success) changed(change.data);
          else failed(object);
        } catch (error) {
          // The client would take it for its own and say nothing.
          failed(error);
        }
      };
      const done = (error: unknown) => (error ? failed(error) : resolve('ENDED'));
      stream.watch(pathOf(cluster.namespace), query(cluster, version, timeout_ms), event, done).then((request) => {
        if (ended.aborted) request.abort();
        else ended.addEventListener('abort', () => request.abort());
      }, failed);
    });
  } finally {
    over.abort();
  }
}

// The server ends the stream when its time is over; 0 would mean that it decides.
function query({ service }: Cluster, version: string, timeout_ms: number) {
  const timeoutSeconds = Math.max(1, Math.ceil(timeout_ms / 1_000));
  return { labelSelector: selector(service), resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds };
}

function failure(verb: 'list' | 'watch', { server, namespace }: Cluster, error: unknown): Error {
  return explained(`${verb} ${server}${pathOf(namespace)}`, error);
}
