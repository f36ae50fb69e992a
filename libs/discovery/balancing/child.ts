// One endpoint with its connection, and all that is known of it.
import { experimental, Metadata, connectivityState as State } from '@grpc/grpc-js';
import type { Zoned } from './choosing.ts';
import { blameless, type Conduct } from './conduct.ts';
import { watchHealth } from './health.ts';
import { renewed, UNUSED } from './load.ts';
import type { HealthSettings } from './settings.ts';
import { type Known, standingOf } from './standing.ts';

type Helper = experimental.ChannelControlHelper;
type Options = ConstructorParameters<typeof experimental.LeafLoadBalancer>[2];

export interface Child extends Zoned, Known {
  zone: string | undefined;
  since_ms: number | undefined;
  conduct: Conduct;
  /** What calls go to; undefined while there is no connection. It changes with every connection. */
  connection: Connection | undefined;
  readonly leaf: experimental.LeafLoadBalancer;
  destroy(): void;
}

export interface Connection {
  readonly subchannel: experimental.SubchannelInterface;
}

interface ChildOptions {
  readonly key: string;
  readonly endpoint: experimental.Endpoint;
  readonly helper: Helper;
  readonly options: Options;
  readonly note: string;
  /** Null: it counts as healthy. */
  readonly health: HealthSettings | null;
  readonly changed: (error: string | null) => void;
  /** The connection was lost. */
  readonly lost: () => void;
}

/** Connects when its leaf is told to. `changed` comes after each change of the connection or the health. */
export function createChild({ key, endpoint, helper, options, note, health, changed, lost }: ChildOptions): Child {
  let stopWatch: (() => void) | undefined;
  const childHelper = experimental.createChildChannelControlHelper(helper, {
    updateState(state, picker, error) {
      const subchannel = state === State.READY ? picker.pick(NO_CALL).subchannel : null;
      if (subchannel && subchannel === child.connection?.subchannel) return;
      child.connectivity = state;
      if (child.connection && !subchannel) lost();
      disconnect();
      if (subchannel) connect(subchannel);
      changed(error);
    },
  });
  function connect(subchannel: experimental.SubchannelInterface): void {
    child.connection = { subchannel };
    child.health = health ? undefined : true;
    if (health) stopWatch = watchHealth(subchannel.getChannel(), health, tell);
  }
  function tell(isServing: boolean): void {
    if (child.health === isServing) return;
    child.health = isServing;
    changed(null);
  }
  function disconnect(): void {
    stopWatch?.();
    stopWatch = child.connection = undefined;
  }
  const child = {
    key,
    zone: undefined as string | undefined,
    leaf: new experimental.LeafLoadBalancer(endpoint, childHelper, options, note),
    connectivity: State.IDLE as State,
    connection: undefined as Connection | undefined,
    health: undefined as boolean | undefined,
    load: UNUSED,
    conduct: blameless(),
    since_ms: undefined as number | undefined,
    pool: undefined as Child['pool'],
    destroy() {
      disconnect();
      child.leaf.destroy();
    },
  };
  return child;
}

/** What a connection leads to doesn't depend on the call. */
const NO_CALL = { metadata: new Metadata(), extraPickInfo: {} };

/** What its standing means for what is known of it. To be called after every change. */
export function settle(child: Child, now_ms: number): void {
  const standing = standingOf(child, now_ms);
  switch (standing) {
    case 'fit':
      child.since_ms ??= now_ms;
      return;
    case 'unreachable':
      // When it comes back, another process will be behind the address.
      child.conduct = blameless();
      child.load = renewed(child.load);
      child.since_ms = undefined;
      return;
    case 'unhealthy':
    case 'ejected':
      child.since_ms = undefined;
      return;
    case 'connecting':
    case 'checking':
      // A connection may be lost and made again at once, as when a server limits its age.
      return;
    default:
      standing satisfies never;
  }
}
