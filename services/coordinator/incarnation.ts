// One incarnation of a coordinator: a lease with its epoch, the transactions that it owns, and the takeover of those of
// its peers that are gone. It ends when it hands over, or finds that a peer has fenced it.
import type { Logger } from '@assent/telemetry';
import type { Dispatcher } from './dispatch.ts';
import { createEngine, type Engine } from './engine.ts';
import { createLog } from './log.ts';
import * as metrics from './metrics.ts';
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

/** Taken over at once; peers take the next batch meanwhile. */
const claimBatch = 200;

export async function startIncarnation(options: IncarnationOptions): Promise<Incarnation> {
  const { store, dispatcher, peer, lease_ms, maxOpen, log } = options;
  const epoch = await store.register(peer, lease_ms);
  const txLog = createLog(store, epoch, log);
  const engine = createEngine({ epoch, log: txLog, dispatcher, maxOpen, logger: log });
  let timer: NodeJS.Timeout | undefined;
  let live = true;
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
      if (!(await store.renew(epoch, lease_ms))) {
        log.warn({ epoch }, 'fenced by a peer: its lease had run out');
        return stop();
      }
      await claimAll();
    } catch (error) {
      log.warn({ err: error }, 'the lease cannot be renewed, trying again');
    }
    if (live) timer = setTimeout(beat, (lease_ms / 4) * (0.75 + Math.random() / 2));
  }

  async function claimAll(): Promise<void> {
    await store.fenceExpired();
    for (;;) {
      const room = Math.min(claimBatch, maxOpen - engine.size());
      if (room <= 0 || !live) return;
      const claimed = await store.claim(epoch, room);
      if (!live || claimed.length === 0) return;
      log.info({ epoch, count: claimed.length }, 'took transactions over');
      metrics.takenOver.inc(claimed.length);
      engine.adopt(claimed);
      if (claimed.length < room) return;
    }
  }

  await beat();
  log.info({ epoch }, 'incarnation started');
  return {
    epoch,
    engine,
    over,
    async handOver(patience_ms) {
      const until = Date.now() + patience_ms;
      while (engine.size() > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
      await txLog.flush();
      await store.fence(epoch);
      if (engine.size() > 0) log.info({ epoch, count: engine.size() }, 'handed transactions over');
      stop();
    },
  };
}
