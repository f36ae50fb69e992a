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

export async function createCoordinator(options: IncarnationOptions): Promise<Coordinator> {
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
          options.log.warn({ err: error }, 'no new incarnation can be started, trying again');
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
      await current?.handOver(handOverPatience_ms);
    },
  };
}
