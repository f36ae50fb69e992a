// One incarnation of a coordinator: a lease with its epoch, the transactions that it owns, and the takeover of those of
// its peers that are gone. It ends when it hands over, or finds that a peer has fenced it.
import { armed, reach } from '@assent/failpoints';
import type { Logger } from '@assent/telemetry';
import type { Dispatcher } from './dispatch.ts';
import { createEngine, type Engine } from './engine.ts';
import { createLog } from './log.ts';
import { createRecovery } from './recovery.ts';
import type { Peer, Store } from './store/index.ts';

export interface Incarnation {
  readonly epoch: bigint;
  readonly engine: Engine;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
  /** Waits until `patience_ms` for its transactions to end, then leaves the rest to its peers at once. */
  handOver(patience_ms: number): Promise<void>;
}

export interface IncarnationOptions {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly peer: Peer;
  readonly lease_ms: number;
  readonly maxOpen: number;
  readonly log: Logger;
}

/** In one lease: what is left by others is found soon. */
const beats = 8;
/** What is taken over comes on top of what has been begun here, up to so much of it. */
const overload = 2;

export async function startIncarnation(options: IncarnationOptions): Promise<Incarnation> {
  const { store, dispatcher, peer, lease_ms, maxOpen, log } = options;
  if (armed) await reach('lease.register.before');
  const epoch = await store.register(peer, lease_ms);
  if (armed) await reach('lease.register.after');
  const txLog = createLog(store, epoch, log);
  const engine = createEngine({ epoch, log: txLog, dispatcher, maxOpen, logger: log });
  let timer: NodeJS.Timeout | undefined;
  let live = true;
  let isRecovering = false;
  const recovery = createRecovery({ store, epoch, engine, limit: overload * maxOpen, isLive: () => live, log });
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });

  function stop(): void {
    live = false;
    clearTimeout(timer);
    engine.abandon();
    end();
  }

  async function beat(): Promise<void> {
    try {
      if (armed) await reach('lease.renew.before');
      const isRenewed = await store.renew(epoch, lease_ms);
      if (armed) await reach('lease.renew.after');
      if (!isRenewed) {
        log.warn({ epoch }, 'fenced by a peer: its lease had run out');
        return stop();
      }
      if (!isRecovering) void recover();
    } catch (error) {
      log.warn({ err: error }, 'the lease cannot be renewed, trying again');
    }
    if (live) timer = setTimeout(beat, (lease_ms / beats) * (0.75 + Math.random() / 2));
  }

  /** Beside the heart, which must not wait for it. */
  async function recover(): Promise<void> {
    isRecovering = true;
    try {
      await recovery.takeOver();
      await recovery.compare();
    } catch (error) {
      log.warn({ err: error }, 'what others have left cannot be looked for, trying again');
    }
    isRecovering = false;
  }

  await beat();
  log.info({ epoch }, 'incarnation started');
  return {
    epoch,
    engine,
    over,
    async handOver(patience_ms) {
      const until = performance.now() + patience_ms;
      while (engine.size() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
      await txLog.flush();
      if (armed) await reach('handover.before');
      await store.fence(epoch);
      if (armed) await reach('handover.after');
      if (engine.size() > 0) log.info({ epoch, count: engine.size() }, 'handed transactions over');
      stop();
    },
  };
}
