import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, lengthOf_ms } from './faults.ts';
import { type Arena, type Heal, inject } from './inject/inject.ts';
import type { Planned } from './schedule.ts';
import type { Happened } from './timeline.ts';

export interface Storm {
  readonly planned: readonly Planned[];
  readonly arena: Arena;
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

async function happen(fault: Fault, { arena, now_ms, signal, onBegin, onHealed }: Storm): Promise<Happened> {
  const happened: Happened = { fault, begun_ms: now_ms() };
  let heal: Heal;
  try {
    heal = await inject(fault, arena);
  } catch (error) {
    happened.error = (error as Error).message.replaceAll('\n', ' ').trim();
    onBegin(happened);
    return happened;
  }
  onBegin(happened);
  await pause(lengthOf_ms(fault), signal);
  try {
    await Promise.race([heal(), tooLate()]);
    happened.healed_ms = lengthOf_ms(fault) > 0 ? now_ms() : happened.begun_ms;
  } catch (error) {
    happened.error = `not healed: ${(error as Error).message}`;
  }
  onHealed(happened);
  return happened;
}

async function tooLate(): Promise<never> {
  await sleep(healTimeout_ms, undefined, { ref: false });
  throw new Error(`it takes longer than ${healTimeout_ms / 1000} s`);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
}
