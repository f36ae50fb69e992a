import type { Socket } from 'node:net';

/** What happens to the bytes of one direction. */
export type Passage =
  | { readonly type: 'open' }
  /** Nothing comes through, and nobody is told. */
  | { readonly type: 'held' }
  | { readonly type: 'delayed'; readonly delay_ms: number };

/** One direction of a connection. */
export interface Stream {
  set(passage: Passage): void;
}

/** On their way at once; the sender has to wait when there are more. */
const mostUnderWay_bytes = 1024 * 1024;

/**
 * Carries bytes from one socket to the other. Held bytes aren't lost, just as TCP would send them again when the network
 * is back; what the sender has sent since fills its buffers, and it hears nothing.
 */
export function carry(from: Socket, to: Socket): Stream {
  let passage: Passage = { type: 'open' };
  const queue: { readonly due_ms: number; readonly chunk: Buffer | undefined }[] = [];
  let queued_bytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const flow = () => {
    const isBlocked = passage.type === 'held' || queued_bytes > mostUnderWay_bytes || to.writableNeedDrain;
    if (isBlocked) from.pause();
    else from.resume();
  };
  const deliver = () => {
    timer = undefined;
    while (passage.type !== 'held' && queue[0] && queue[0].due_ms <= performance.now()) {
      const { chunk } = queue.shift() ?? {};
      queued_bytes -= chunk?.length ?? 0;
      if (chunk === undefined) to.end();
      else to.write(chunk);
    }
    wait();
    flow();
  };
  const wait = () => {
    if (!queue[0] || timer || passage.type === 'held' || to.destroyed) return;
    // Timers may be early by a fraction of a millisecond.
    timer = setTimeout(deliver, Math.ceil(queue[0].due_ms - performance.now()));
  };
  /** The end of the sender comes after all that it has sent, like everything else. */
  const take = (chunk: Buffer | undefined) => {
    if (passage.type === 'open' && queue.length === 0) {
      if (chunk === undefined) to.end();
      else if (!to.write(chunk)) flow();
      return;
    }
    queue.push({ due_ms: performance.now() + (passage.type === 'delayed' ? passage.delay_ms : 0), chunk });
    queued_bytes += chunk?.length ?? 0;
    wait();
    flow();
  };

  from.on('data', take);
  from.on('end', () => take(undefined));
  to.on('drain', flow);
  to.on('close', () => clearTimeout(timer));
  return {
    set(next) {
      passage = next;
      wait();
      flow();
    },
  };
}
