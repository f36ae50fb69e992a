import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, lengthOf_ms } from './faults.ts';
import type { Ground, Injection } from './ground.ts';
import type { Planned } from './schedule.ts';
import type { Happened } from './timeline.ts';

export interface Storm {
  readonly planned: readonly Planned[];
  readonly ground: Ground;
  /** Since the load began. */
  now_ms(): number;
  /** When it is aborted all faults are healed at once. */
  readonly signal: AbortSignal;
  onBegin(happened: Happened): void;
  onHealed(happened: Happened): void;
}

/** Nothing takes longer to be undone. */
const healTimeout_ms = 30_000;

/** Lets the faults happen as they are planned. When it is fulfilled all are healed, or have an error that says why not. */
export async function rage(storm: Storm): Promise<readonly Happened[]> {
  const { planned, now_ms, signal } = storm;
  const begun_ms = now_ms();
  const happening: Promise<Happened>[] = [];
  for (const { at_ms, fault } of planned) {
    await pause(begun_ms + at_ms - now_ms(), signal);
    if (signal.aborted) break;
    happening.push(happen(fault, storm));
  }
  return Promise.all(happening);
}

async function happen(fault: Fault, { ground, now_ms, signal, onBegin, onHealed }: Storm): Promise<Happened> {
  const happened: Happened = { fault, begun_ms: now_ms() };
  let injection: Injection;
  try {
    await ground.awaitVictim?.(fault, signal);
    happened.begun_ms = now_ms();
    injection = await ground.inject(fault, signal);
  } catch (error) {
    happened.error = explain(error);
    onBegin(happened);
    return happened;
  }
  const { victim, heal, ready } = injection;
  if (victim !== undefined) happened.victim = victim;
  onBegin(happened);
  await pause(lengthOf_ms(fault), signal);
  try {
    await Promise.race([heal?.(), tooLate()]);
    happened.healed_ms = heal ? now_ms() : happened.begun_ms;
    await ready?.(signal);
    if (ready) happened.ready_ms = now_ms();
  } catch (error) {
    happened.error = `not healed: ${explain(error)}`;
    delete happened.healed_ms;
  }
  onHealed(happened);
  return happened;
}

function explain(error: unknown): string {
  return (error as Error).message.replaceAll('\n', ' ').trim();
}

async function tooLate(): Promise<never> {
  await sleep(healTimeout_ms, undefined, { ref: false });
  throw new Error(`it takes longer than ${healTimeout_ms / 1000} s`);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}
