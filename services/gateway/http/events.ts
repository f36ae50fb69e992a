// Server-sent events: streams of responses for browsers and curl.
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { outward } from '../outward.ts';
import { problemOf } from './problem.ts';

export interface EventStreamsOptions {
  readonly max: number;
  /** How long a stream may take to its first message. */
  readonly firstTimeout_ms: number;
  readonly heartbeat_ms?: number;
  readonly log: Logger;
}

export interface EventStreams {
  /**
   * A stream of events, one for each message, then `end`; or `problem` when it fails midway. Waits for the first
   * message, and throws what it fails with. Aborts the controller when the stream has ended, and ends the stream when
   * somebody else aborts it.
   */
  open(messages: AsyncIterable<string>, controller: AbortController): Promise<Readable>;
  /** Ends all streams, without `end`: whoever reads them comes back, to another replica. */
  endAll(): void;
}

export function createEventStreams({
  max,
  firstTimeout_ms,
  heartbeat_ms = 15_000,
  log,
}: EventStreamsOptions): EventStreams {
  const open = new Set<AbortController>();
  let ending = false;

  async function begin(messages: AsyncIterable<string>, controller: AbortController): Promise<Readable> {
    const iterator = messages[Symbol.asyncIterator]();
    const first = await firstOf(iterator, controller, firstTimeout_ms);
    const stream = new PassThrough();
    const heartbeat = setInterval(() => stream.write(':\n\n'), heartbeat_ms);
    stream.once('close', () => {
      clearInterval(heartbeat);
      open.delete(controller);
      controller.abort();
    });
    void pump(first, iterator, stream, controller.signal, log);
    if (ending) controller.abort();
    return stream;
  }

  return {
    async open(messages, controller) {
      if (open.size >= max) throw new RpcError('UNAVAILABLE', 'too many open streams', { reason: 'OVERLOADED' });
      open.add(controller);
      try {
        return await begin(messages, controller);
      } catch (error) {
        open.delete(controller);
        throw error;
      }
    },
    endAll() {
      ending = true;
      const reason = new RpcError('UNAVAILABLE', 'this replica is going away', { reason: 'GOING_AWAY' });
      for (const controller of open) controller.abort(reason);
    },
  };
}

async function firstOf<T>(iterator: AsyncIterator<T>, controller: AbortController, timeout_ms: number) {
  const late = new RpcError('DEADLINE_EXCEEDED', 'no first message in time');
  const timer = setTimeout(() => controller.abort(late), timeout_ms);
  try {
    return await iterator.next();
  } catch (error) {
    const { reason } = controller.signal;
    throw reason instanceof RpcError ? reason : error;
  } finally {
    clearTimeout(timer);
  }
}

async function pump(
  first: IteratorResult<string>,
  rest: AsyncIterator<string>,
  stream: PassThrough,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  try {
    for (let next = first; !next.done; next = await rest.next()) {
      if (!stream.write(`data: ${next.value}\n\n`)) await once(stream, 'drain', { signal });
    }
    stream.end('event: end\ndata: {}\n\n');
  } catch (error) {
    if (signal.aborted) return void stream.end();
    log.warn({ err: error }, 'a stream of events has failed');
    stream.end(`event: problem\ndata: ${problemOf(outward(error)).body}\n\n`);
  }
}
