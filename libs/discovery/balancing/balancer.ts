import { experimental, connectivityState as State } from '@grpc/grpc-js';
import { SERVICE } from '../attributes.ts';
import { cost, type Load, UNUSED } from './load.ts';
import { type Child, picker } from './picker.ts';

type Endpoint = experimental.Endpoint;
type Helper = experimental.ChannelControlHelper;

export const LEAST_LOADED = 'least_loaded';

export class LeastLoadedConfig implements experimental.TypedLoadBalancingConfig {
  static createFromJson(): LeastLoadedConfig {
    return new LeastLoadedConfig();
  }

  getLoadBalancerName(): string {
    return LEAST_LOADED;
  }

  toJsonObject(): object {
    return { [LEAST_LOADED]: {} };
  }
}

/** What this process knows of the load of an endpoint that it calls. */
export interface EndpointLoad {
  /** '' when it isn't known: then it was called by its address. */
  readonly service: string;
  readonly endpoint: string;
  readonly load: Load;
  /** By which the balancer compares it: the less, the sooner it is called. */
  readonly cost: number;
}

const balancers = new Set<LeastLoadedBalancer>();

/** Of every connection that is ready; of an endpoint there may be several. */
export function endpointLoads(): EndpointLoad[] {
  return [...balancers].flatMap((balancer) => balancer.loads());
}

/** Keeps a connection to every endpoint and sends each call to the less loaded of two of them. */
export class LeastLoadedBalancer implements experimental.LoadBalancer {
  readonly #helper: Helper;
  readonly #childHelper: Helper;
  #children = new Map<string, Child>();
  #updating = false;
  #wasReady = false;
  #lastError = 'no endpoints';
  #service = '';

  constructor(helper: Helper) {
    balancers.add(this);
    this.#helper = helper;
    this.#childHelper = experimental.createChildChannelControlHelper(helper, {
      updateState: (_state, _picker, error) => {
        if (error) this.#lastError = error;
        this.#report();
      },
    });
  }

  /** Endpoints that stay keep their connections and what is known of their load. */
  updateAddressList(
    endpoints: experimental.StatusOr<Endpoint[]>,
    config: experimental.TypedLoadBalancingConfig,
    options: Parameters<experimental.LoadBalancer['updateAddressList']>[2],
    note: string,
  ): boolean {
    if (!(config instanceof LeastLoadedConfig)) return false;
    this.#updating = true;
    this.#service = String(Reflect.get(options, SERVICE) ?? '');
    if (endpoints.ok) this.#replace(endpoints.value, options, note);
    else this.#lastError = endpoints.error.details;
    this.#updating = false;
    this.#report();
    return true;
  }

  #replace(
    endpoints: Endpoint[],
    options: Parameters<LeastLoadedBalancer['updateAddressList']>[2],
    note: string,
  ): void {
    const before = this.#children;
    this.#children = new Map();
    if (endpoints.length === 0) this.#lastError = 'no endpoints';
    for (const endpoint of endpoints) {
      const key = experimental.endpointToString(endpoint);
      const leaf = () => new experimental.LeafLoadBalancer(endpoint, this.#childHelper, options, note);
      this.#children.set(key, before.get(key) ?? { leaf: leaf(), load: UNUSED });
      if (!before.delete(key)) this.#children.get(key)!.leaf.startConnecting();
    }
    for (const { leaf } of before.values()) leaf.destroy();
  }

  #report(): void {
    if (this.#updating) return;
    const children = [...this.#children.values()];
    const inState = (state: State) => children.filter(({ leaf }) => leaf.getConnectivityState() === state);
    const ready = inState(State.READY);
    // A connection is gone: maybe because the endpoints have changed.
    if (this.#wasReady && ready.length === 0) this.#helper.requestReresolution();
    this.#wasReady = ready.length > 0;
    if (ready.length > 0) {
      this.#helper.updateState(State.READY, picker(ready), null);
    } else if (children.length > inState(State.TRANSIENT_FAILURE).length) {
      this.#helper.updateState(State.CONNECTING, new experimental.QueuePicker(this), null);
    } else {
      const details = `No endpoint can be reached: ${this.#lastError}`;
      this.#helper.updateState(State.TRANSIENT_FAILURE, new experimental.UnavailablePicker({ details }), details);
    }
    // A dropped connection is made anew at once, not when a call needs it.
    for (const { leaf } of inState(State.IDLE)) leaf.exitIdle();
  }

  exitIdle(): void {}

  resetBackoff(): void {}

  loads(): EndpointLoad[] {
    const now_ms = performance.now();
    const ready = [...this.#children].filter(([, { leaf }]) => leaf.getConnectivityState() === State.READY);
    // A key is an address, or several, in brackets.
    return ready.map(([key, { load }]) => {
      return { service: this.#service, endpoint: key.slice(1, -1), load, cost: cost(load, now_ms) };
    });
  }

  destroy(): void {
    balancers.delete(this);
    for (const { leaf } of this.#children.values()) leaf.destroy();
    this.#children.clear();
  }

  getTypeName(): string {
    return LEAST_LOADED;
  }
}
