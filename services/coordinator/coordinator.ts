// A coordinator goes on as a new incarnation whenever a peer has fenced the one before: a process that was paused for
// longer than its lease starts over with nothing.
import { pause } from './backoff.ts';
import { type Incarnation, type IncarnationOptions, startIncarnation } from './incarnation.ts';

export interface Coordinator {
  /** The one that is running; undefined between two, and after `stop`. */
  incarnation(): Incarnation | undefined;
  /** Gives what is running a moment to end, and hands the rest over. */
  stop(): Promise<void>;
}

const handOverPatience_ms = 1_000;

export interface CoordinatorOptions extends IncarnationOptions {
  /** Keeps the log in partitions until the signal. Without it the default one holds everything. */
  readonly retain?: (signal: AbortSignal) => Promise<void>;
}

/** The coordinator of one database. */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { retain, log } = options;
  const retaining = new AbortController();
  void retain?.(retaining.signal);
  let current: Incarnation | undefined = await startIncarnation(options);
  let stopping = false;

  async function succeed(): Promise<void> {
    while (!stopping) {
      await current?.over;
      current = undefined;
      for (let attempt = 1; !stopping && !current; attempt++) {
        try {
          current = await startIncarnation(options);
        } catch (error) {
          log.warn({ err: error }, 'no new incarnation can be started, trying again');
          await pause(attempt);
        }
      }
    }
  }
  succeed();

  return {
    incarnation: () => current,
    async stop() {
      stopping = true;
      retaining.abort();
      await current?.handOver(handOverPatience_ms);
    },
  };
}
