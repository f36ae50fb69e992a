import type { RequestContext, ResponseContext } from '@kubernetes/client-node';
import * as z from 'zod';
import { explained, isExpired } from './kubernetes-failure.ts';

/** What the API server is asked about the EndpointSlices of one service. */
export interface SliceApi {
  /** All of them, not checked, and the version from which to watch on. */
  list(signal: AbortSignal): Promise<{ slices: readonly unknown[]; version: string }>;
  /**
   * Every change after that version, for so long at most. EXPIRED: the server doesn't know the version any more. Throws
   * when the stream breaks, is refused or is silent for too long.
   */
  watch(
    from: { version: string; timeout_ms: number },
    changed: (change: SliceChange) => void,
    signal: AbortSignal,
  ): Promise<'ENDED' | 'EXPIRED'>;
}

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
 * ~/.kube/config or, in a pod, from its service account. `silence_ms`: a stream without a byte for so long is dead.
 */
export async function sliceApi({ namespace, service }: SlicesOf, silence_ms: number): Promise<SliceApi> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new Error('the kubeconfig has no current cluster');
  const labelSelector = `kubernetes.io/service-name=${service}`;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const failure = (verb: string, error: unknown) => explained(`${verb} ${server}${path}`, error);

  return {
    async list(signal) {
      const ended = AbortSignal.any([signal, AbortSignal.timeout(LIST_DEADLINE_MS)]);
      const limited = {
        async pre(request: RequestContext) {
          request.setSignal(ended);
          return request;
        },
        post: async (response: ResponseContext) => response,
      };
      const baseServer = new client.ServerConfiguration(server, {});
      const options = { baseServer, authMethods: { default: config }, promiseMiddleware: [limited] };
      const api = new client.DiscoveryV1Api(client.createConfiguration(options));
      try {
        const { items, metadata } = await api.listNamespacedEndpointSlice({ namespace, labelSelector });
        return { slices: items, version: metadata?.resourceVersion ?? '' };
      } catch (error) {
        throw failure('list', error);
      }
    },

    async watch({ version, timeout_ms }, changed, signal) {
      const watch = new client.Watch(config);
      // A stream may be silent from one bookmark to the next, about a minute; the client's own limit of 30 s has no setting.
      Reflect.set(watch, 'requestTimeoutMs', silence_ms);
      const timeoutSeconds = Math.ceil(timeout_ms / 1_000);
      const query = { labelSelector, resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds };
      const over = new AbortController();
      const ended = AbortSignal.any([signal, over.signal]);
      try {
        return await new Promise((resolve, reject) => {
          ended.addEventListener('abort', () => resolve('ENDED'));
          const failed = (error: unknown) => (isExpired(error) ? resolve('EXPIRED') : reject(failure('watch', error)));
          const event = (type: string, object: unknown) => {
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
          watch.watch(path, query, event, done).then((request) => {
            if (ended.aborted) request.abort();
            else ended.addEventListener('abort', () => request.abort());
          }, failed);
        });
      } finally {
        over.abort();
      }
    },
  };
}
