import type { EndpointListener, EndpointSource } from '../endpoints.ts';
import { type SliceApi, type SliceChange, sliceApi } from './kubernetes-api.ts';
import { type Backoff, backoff, pause, spread } from './pacing.ts';
import { type EndpointSlice, endpointsOf, parseSlice, type ServicePort } from './slices.ts';

/** Whose endpoints. */
export interface KubernetesService extends ServicePort {
  readonly namespace: string;
}

/** How often it looks, and how long it waits. */
export interface KubernetesPace extends Backoff {
  /** All slices are listed again after half of this to all of it, by chance: a stream may have lost something. */
  readonly relist_ms: number;
  /**
   * A stream without a byte for so long may be dead, so all is listed again. Bookmarks come about once a minute, unless
   * nothing of the kind changes in the whole cluster.
   */
  readonly silence_ms: number;
  /** A stream that lasted so long wasn't a failure: the next one starts without a longer wait. */
  readonly steady_ms: number;
  /** Changes within this time are pushed together: a rolling update of thousands is thousands of changes. */
  readonly settle_ms: number;
}

const PACE: KubernetesPace = {
  relist_ms: 600_000,
  silence_ms: 90_000,
  steady_ms: 5_000,
  settle_ms: 50,
  base_ms: 1_000,
  cap_ms: 30_000,
};

/**
 * The endpoints of a service in Kubernetes: its EndpointSlices are listed and then watched. While the API server is
 * away, be it for hours, what was pushed last stays.
 */
export function kubernetesSource(service: KubernetesService, pace: KubernetesPace = PACE): EndpointSource {
  return (listener) => {
    const stop = new AbortController();
    const slices = collected(service, listener, pace.settle_ms, stop.signal);
    void follow(() => sliceApi(service, pace.silence_ms), slices, pace, stop.signal);
    // A watch tells of changes by itself.
    return { refresh() {}, stop: () => stop.abort() };
  };
}

// Lists, and watches from there on. A stream that ended is taken up where it was; after a failure all is listed again.
async function follow(
  connect: () => Promise<SliceApi>,
  slices: ReturnType<typeof collected>,
  pace: KubernetesPace,
  stopped: AbortSignal,
): Promise<void> {
  let api: SliceApi | undefined;
  let version: string | undefined;
  let relist_at_ms = 0;
  for (let failures = 0; !stopped.aborted; failures++) {
    let watching_since_ms = Number.POSITIVE_INFINITY;
    try {
      api ??= await connect();
      if (version === undefined || performance.now() >= relist_at_ms) {
        const all = await api.list(stopped);
        slices.replace(all.slices);
        version = all.version;
        relist_at_ms = performance.now() + spread(pace.relist_ms, Math.random());
      }
      watching_since_ms = performance.now();
      const from = { version, timeout_ms: Math.max(0, Math.round(relist_at_ms - watching_since_ms)) };
      const changed = (change: SliceChange) => {
        slices.apply(change);
        version = change.object.metadata.resourceVersion;
      };
      if ((await api.watch(from, changed, stopped)) !== 'ENDED') version = undefined;
    } catch (error) {
      // The next try reads the kubeconfig again: certificates in it are replaced now and then.
      api = undefined;
      version = undefined;
      slices.failed(error as Error);
    }
    // Also one that only ended: servers that end end all streams, and all clients come back.
    if (performance.now() - watching_since_ms >= pace.steady_ms) failures = 0;
    await pause(backoff(failures, Math.random(), pace), stopped);
  }
}

// The slices by name. Every change costs its own slice, and those of a moment together one look at all of them.
function collected(service: ServicePort, listener: EndpointListener, settle_ms: number, stopped: AbortSignal) {
  let slices = new Map<string, EndpointSlice>();
  let pushed: string | undefined;
  let settling = false;

  function push(): void {
    if (stopped.aborted) return;
    const found = endpointsOf(slices.values(), service);
    const text = JSON.stringify(found);
    if (text !== pushed) listener.update(found.endpoints, found.warning);
    pushed = text;
  }

  async function settle(): Promise<void> {
    if (settling) return;
    settling = true;
    await pause(settle_ms, stopped);
    settling = false;
    push();
  }

  return {
    replace(all: readonly unknown[]): void {
      slices = new Map(all.map(parseSlice).map((slice) => [slice.metadata.name, slice]));
      push();
    },
    apply({ type, object }: SliceChange): void {
      if (type === 'BOOKMARK') return;
      if (type === 'DELETED') slices.delete(object.metadata.name);
      else slices.set(object.metadata.name, parseSlice(object));
      void settle();
    },
    failed(error: Error): void {
      if (stopped.aborted) return;
      // What comes next is news, even when it is what was there before.
      pushed = undefined;
      listener.failed(error);
    },
  };
}
