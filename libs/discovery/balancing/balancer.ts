import { type ChannelOptions, experimental, logVerbosity, connectivityState as State } from '@grpc/grpc-js';
import { LOCAL_ZONE, SERVICE, ZONES } from '../attributes.ts';
import { type Child, createChild, settle } from './child.ts';
import { chooser } from './choosing.ts';
import { eject, failing, isEjected, mostOut, nextInterval, note, slow } from './conduct.ts';
import { addTeller, type EndpointLoad, removeTeller } from './endpoint-loads.ts';
import { cost } from './load.ts';
import { type Noted, picker } from './picker.ts';
import { BalancingConfig, type PolicyName } from './policies.ts';
import { shareOf } from './pool.ts';
import { chooseFrom, standingOf } from './standing.ts';

type Helper = experimental.ChannelControlHelper;
type Endpoints = experimental.StatusOr<experimental.Endpoint[]>;

/**
 * Keeps a connection to every endpoint, knows which of them are fit, and has a policy choose one of those for each call. All
 * that takes time happens when something changes; a pick costs the same however many endpoints there are.
 */
export class Balancer implements experimental.LoadBalancer {
  readonly #name: PolicyName;
  readonly #helper: Helper;
  #config: BalancingConfig | undefined;
  #children = new Map<string, Child>();
  #service = '';
  #zone: string | undefined;
  #lastError = 'no endpoints';
  #isUpdating = false;
  #isPanic = false;
  #interval: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;

  constructor(name: PolicyName, helper: Helper) {
    this.#name = name;
    this.#helper = helper;
    addTeller(this);
  }

  /** Endpoints that stay keep their connections and what is known of them. */
  updateAddressList(
    endpoints: Endpoints,
    config: experimental.TypedLoadBalancingConfig,
    options: ChannelOptions,
    resolutionNote: string,
  ): boolean {
    if (!(config instanceof BalancingConfig)) return false;
    this.#isUpdating = true;
    this.#configure(config);
    this.#service = String(Reflect.get(options, SERVICE) ?? '');
    this.#zone = Reflect.get(options, LOCAL_ZONE) as string | undefined;
    if (endpoints.ok) this.#replace(endpoints.value, options, resolutionNote);
    else this.#lastError = endpoints.error.details;
    this.#isUpdating = false;
    this.#refresh();
    return true;
  }

  #configure(config: BalancingConfig): void {
    const { ejection } = config.settings;
    const { interval_ms } = this.#config?.settings.ejection ?? {};
    this.#config = config;
    // It comes anew with every set of endpoints; an interval would never end while those change.
    if (interval_ms === ejection?.interval_ms) return;
    clearInterval(this.#interval);
    this.#interval = ejection ? setInterval(() => this.#compare(), ejection.interval_ms).unref() : undefined;
  }

  #replace(endpoints: experimental.Endpoint[], options: ChannelOptions, resolutionNote: string): void {
    const before = this.#children;
    this.#children = new Map();
    if (endpoints.length === 0) this.#lastError = 'no endpoints';
    const zones = Reflect.get(options, ZONES) as ReadonlyMap<string, string> | undefined;
    for (const endpoint of endpoints) {
      const key = experimental.endpointToString(endpoint);
      const child = this.#children.get(key) ?? before.get(key) ?? this.#connect(key, endpoint, options, resolutionNote);
      child.zone = zones?.get(key);
      this.#children.set(key, child);
      before.delete(key);
    }
    for (const child of before.values()) child.destroy();
  }

  #connect(key: string, endpoint: experimental.Endpoint, options: ChannelOptions, resolutionNote: string): Child {
    const child = createChild({
      key,
      endpoint,
      helper: this.#helper,
      options,
      note: resolutionNote,
      health: this.#config?.settings.health ?? null,
      changed: (error) => {
        if (error) this.#lastError = error;
        this.#refresh();
      },
      lost: () => {
        // Maybe because the endpoints have changed.
        this.#helper.requestReresolution();
      },
    });
    child.leaf.startConnecting();
    return child;
  }

  /** Publishes what the endpoints' states come to, and looks again when the next of them changes by itself. */
  #refresh(): void {
    if (this.#isUpdating || !this.#config) return;
    const { settings, policy, header } = this.#config;
    const now_ms = performance.now();
    const all = [...this.#children.values()];
    for (const child of all) settle(child, now_ms);
    const { candidates, isPanic } = chooseFrom(all, settings.panicShare, now_ms);
    this.#tellPanic(isPanic, candidates.length);
    if (candidates.length > 0) {
      const choose = chooser(candidates, { zone: this.#zone, settings, policy, random: Math.random }, now_ms);
      this.#helper.updateState(State.READY, picker(choose, header, this.#note), null);
    } else this.#publishNone(all);
    // A dropped connection is made anew at once, not when a call needs it.
    for (const { connectivity, leaf } of all) if (connectivity === State.IDLE) leaf.exitIdle();
    this.#wakeUp(all, settings.slowStart_ms, now_ms);
  }

  #publishNone(all: readonly Child[]): void {
    if (all.some(({ connectivity }) => connectivity !== State.TRANSIENT_FAILURE)) {
      this.#helper.updateState(State.CONNECTING, new experimental.QueuePicker(this), null);
      return;
    }
    const details = `No endpoint can be reached: ${this.#lastError}`;
    this.#helper.updateState(State.TRANSIENT_FAILURE, new experimental.UnavailablePicker({ details }), details);
  }

  #wakeUp(all: readonly Child[], slowStart_ms: number, now_ms: number): void {
    clearTimeout(this.#wake);
    const times = all.flatMap(({ conduct, since_ms }) => [
      conduct.ejectedUntil_ms,
      (since_ms ?? -Infinity) + slowStart_ms,
    ]);
    const next_ms = times.reduce((next, time) => (time > now_ms ? Math.min(next, time) : next), Infinity);
    if (next_ms === Infinity) return;
    this.#wake = setTimeout(() => this.#refresh(), Math.ceil(next_ms - now_ms)).unref();
  }

  readonly #note: Noted = (child, verdict, latency_ms, now_ms) => {
    const ejection = this.#config?.settings.ejection;
    // What went to it before it was left out is over.
    if (!ejection || isEjected(child.conduct, now_ms)) return;
    note(child.conduct, verdict, latency_ms);
    if (verdict !== 'sick') return;
    const reason = failing(child.conduct, this.#othersThan(child), ejection);
    if (reason) this.#eject(child, reason);
  };

  /** Looks for who is slower than the others. */
  #compare(): void {
    const ejection = this.#config?.settings.ejection;
    if (!ejection) return;
    for (const child of this.#children.values()) {
      const reason = slow(child.conduct, this.#othersThan(child), ejection);
      if (reason) this.#eject(child, reason);
    }
    const now_ms = performance.now();
    for (const { conduct } of this.#children.values()) nextInterval(conduct, now_ms);
  }

  #othersThan(child: Child) {
    const now_ms = performance.now();
    const fit = [...this.#children.values()].filter((other) => standingOf(other, now_ms) === 'fit');
    return fit.filter((other) => other !== child).map(({ conduct }) => conduct);
  }

  #eject(child: Child, reason: string): void {
    const ejection = this.#config?.settings.ejection;
    const now_ms = performance.now();
    const connected = [...this.#children.values()].filter(({ connectivity }) => connectivity === State.READY);
    const out = connected.filter((other) => standingOf(other, now_ms) === 'ejected').length;
    if (!ejection || this.#children.get(child.key) !== child || out >= mostOut(connected.length, ejection)) return;
    const out_ms = eject(child.conduct, ejection, now_ms);
    this.#log(`${addressOf(child)} gets no calls for ${out_ms / 1_000} s: ${reason}`);
    this.#refresh();
  }

  #tellPanic(isPanic: boolean, connected: number): void {
    if (isPanic === this.#isPanic) return;
    this.#isPanic = isPanic;
    // Of one there is no choice anyway.
    if (isPanic && connected > 1) this.#log(`too few are fit, so all ${connected} that are connected get calls`);
  }

  #log(text: string): void {
    experimental.log(logVerbosity.ERROR, `balancing: ${this.#service} ${text}`);
  }

  exitIdle(): void {}

  resetBackoff(): void {}

  loads(): EndpointLoad[] {
    const now_ms = performance.now();
    return [...this.#children.values()].map((child) => {
      const standing = standingOf(child, now_ms);
      const isStarting = standing === 'fit' && child.pool && shareOf(child, child.pool, now_ms) < 1;
      return {
        service: this.#service,
        endpoint: addressOf(child),
        zone: child.zone ?? '',
        state: isStarting ? 'starting' : standing,
        load: child.load,
        cost: cost(child.load, now_ms),
        ejections: child.conduct.ejections,
      };
    });
  }

  destroy(): void {
    removeTeller(this);
    clearInterval(this.#interval);
    clearTimeout(this.#wake);
    for (const child of this.#children.values()) child.destroy();
    this.#children.clear();
  }

  getTypeName(): string {
    return this.#name;
  }
}

/** A key is an address, or several, in brackets. */
const addressOf = ({ key }: Child) => key.slice(1, -1);
