import { launchedByScript } from '../config.ts';
import { describe, type Identity, identify, isAlive } from './identity.ts';

/**
 * Calls back when the package manager that launched this process was killed. `npx pnpm start` is a chain of processes,
 * and a signal for its first one (`kill`, a closed CI job) doesn't come through to the last.
 */
export function watchLauncher(onGone: () => void): void {
  const launchers = launchedByScript ? findLaunchers() : [];
  if (launchers.length === 0) return;
  const timer = setInterval(() => {
    if (launchers.every(isAlive)) return;
    clearInterval(timer);
    onGone();
  }, 1000);
  timer.unref();
}

/** The ancestors from the parent up to the topmost package manager. */
function findLaunchers(): Identity[] {
  const ancestors: Identity[] = [];
  let count = 0;
  for (let pid = process.ppid; pid > 1 && ancestors.length < 8; ) {
    const ancestor = identify(pid);
    const description = describe(pid);
    if (!ancestor || !description) break;
    ancestors.push(ancestor);
    if (/\b(npm|npx|pnpm)\b/.test(description.command)) count = ancestors.length;
    pid = description.parent;
  }
  return ancestors.slice(0, count);
}
