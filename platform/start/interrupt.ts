import { watchLauncher } from '../run/launcher.ts';

/**
 * Aborted, with the cause, by Ctrl-C, a polite kill, a closed terminal, or the end of what launched this process.
 * A second signal calls `onSecond`, a third one ends the process on the spot.
 */
export function awaitInterruption(onSecond: () => void): AbortSignal {
  const controller = new AbortController();
  let count = 0;
  const interrupt = (cause: string) => {
    count += 1;
    if (count === 1) controller.abort(cause);
    else if (count === 2) onSecond();
    else process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  watchLauncher(() => interrupt('the command that launched this one is gone'));
  return controller.signal;
}

/** Fulfilled when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
