// Takes over what coordinators that are gone have left, and sees to it that this one drives what it owns and nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import { armed, reach } from '@assent/failpoints';
import type { Logger } from '@assent/telemetry';
import type { Engine } from './engine.ts';
import * as metrics from './metrics.ts';
import type { Store } from './store/index.ts';

export interface Recovery {
  /** Fences whoever is gone and takes its transactions over, batch by batch. */
  takeOver(): Promise<void>;
  /** Compares what is driven here with the log, every so often. */
  compare(): Promise<void>;
}

/** With a breath between, so that peers get their share, and what is under way isn't held up. */
const claimBatch = 100;
const breath_ms = 20;
const compareEvery_ms = 2_000;
/** Looking at very many must not become the work itself. */
const compareShare = 1 / 50;

/** @param limit how many transactions may be driven here after a takeover */
export function createRecovery(options: {
  store: Store;
  epoch: bigint;
  engine: Engine;
  limit: number;
  isLive: () => boolean;
  log: Logger;
}): Recovery {
  const { store, epoch, engine, limit, isLive, log } = options;
  let compareAt_ms = performance.now() + compareEvery_ms;
  /** Owned, but not driven here, at the last look: it may have been about to end, or to come. */
  let strays = new Set<string>();

  async function takeOver(): Promise<void> {
    if (armed) await reach('lease.fence.before');
    await store.fenceExpired();
    if (armed) await reach('lease.fence.after');
    for (;;) {
      const room = Math.min(claimBatch, limit - engine.size());
      if (room <= 0 || !isLive()) return;
      if (armed) await reach('takeover.before');
      const claimed = await store.claim(epoch, room);
      if (armed && claimed.length > 0) await reach('takeover.after');
      if (!isLive() || claimed.length === 0) return;
      log.info({ epoch, count: claimed.length }, 'took transactions over');
      metrics.takenOver.inc(claimed.length);
      engine.adopt(claimed);
      if (claimed.length < room) return;
      await sleep(breath_ms * (0.5 + Math.random()));
    }
  }

  async function compare(): Promise<void> {
    const begun_ms = performance.now();
    if (begun_ms < compareAt_ms) return;
    const owned = await store.openOf(epoch, limit);
    const took_ms = performance.now() - begun_ms;
    compareAt_ms = performance.now() + Math.max(compareEvery_ms, took_ms / compareShare);
    if (!isLive() || owned.size === limit) return;
    const before = engine.size();
    const missing = engine.compare(owned, begun_ms - compareEvery_ms);
    if (engine.size() < before) log.info({ count: before - engine.size() }, 'let go of what others drive now');
    // A takeover whose answer was lost, say.
    const lost = missing.filter((id) => strays.has(id)).slice(0, claimBatch);
    strays = new Set(missing);
    if (lost.length > 0) await adopt(lost);
  }

  async function adopt(lost: readonly string[]): Promise<void> {
    const found = await store.byIds(lost);
    const open = found.filter(({ transactionId, owner, endedAt }) => {
      return owner === epoch && !endedAt && !engine.look(transactionId);
    });
    if (open.length > 0) log.warn({ count: open.length }, 'found transactions that nobody drove');
    if (isLive()) engine.adopt(open);
  }

  return { takeOver, compare };
}
