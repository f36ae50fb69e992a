// Makes this process fail where a test wants it to. Off, which it is unless a test's environment says otherwise, a
// failpoint costs one look at a variable:
//
//     if (armed) await reach('log.decision.before');
import type { Point } from './points.ts';
import { type Arming, format, parse } from './spec.ts';

/** What the process tells its supervisor over their IPC channel; and, with `arm`, what it is told. */
export type FailpointMessage =
  | { readonly type: 'failpoint'; readonly arm: string }
  | { readonly type: 'failpoint'; readonly armed: string }
  | { readonly type: 'failpoint'; readonly reached: Point };

interface Log {
  warn(message: string): void;
}

/** Whether any failpoint is armed. */
export let armed = false;

let arming: (Arming & { left: number }) | undefined;

/**
 * Lets tests make this process fail: by the setting (an arming, or `on` for none yet), and by what the supervisor says
 * later, which replaces it (nothing: disarms). One failpoint is armed at a time, and fires once.
 * @throws in production, or when there is no such failpoint
 */
export function allowFailpoints(setting: string, options: { readonly production: boolean; readonly log: Log }): void {
  if (options.production) throw new Error('FAILPOINTS is set, which is for tests, and so is NODE_ENV=production');
  options.log.warn('this process fails where its supervisor wants it to: never in production');
  if (setting !== 'on') arm(setting, options.log);
  process.on('message', (message: FailpointMessage) => {
    if (message.type !== 'failpoint' || !('arm' in message)) return;
    arm(message.arm, options.log);
    process.send?.({ type: 'failpoint', armed: message.arm } satisfies FailpointMessage);
  });
}

function arm(text: string, log: Log): void {
  arming = text === '' ? undefined : { ...parse(text), left: parse(text).time };
  armed = arming !== undefined;
  log.warn(arming ? `failpoint armed: ${format(arming)}` : 'no failpoint is armed');
}

/** Comes by these points, which are one place in the code. Throws, or doesn't return, when one of them is to fail. */
export async function reach(...reached: readonly Point[]): Promise<void> {
  if (!arming || !reached.includes(arming.point) || --arming.left > 0) return;
  const { point, effect } = arming;
  arming = undefined;
  armed = false;
  await report({ type: 'failpoint', reached: point });
  switch (effect) {
    case 'crash':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => {});
    case 'stall':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'fail':
      // As the socket says it.
      throw Object.assign(new Error(`failpoint ${point}`), { code: 'ECONNRESET' });
  }
}

/** Resolves when the supervisor can read it, whatever happens to this process then. */
function report(message: FailpointMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) resolve();
    else process.send(message, () => resolve());
  });
}
