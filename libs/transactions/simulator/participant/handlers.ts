// What the business of a participant does when it is asked, as the order's script has it.
import type { Verdict } from '../../participant/rules.ts';
import { type Fault, isFirst, type Operation } from '../../protocol/index.ts';
import { resultOf, type Script } from '../workload/order.ts';
import type { World } from '../world.ts';
import type { BranchCall } from './participant.ts';

export type Handled = Verdict | { readonly type: 'failed'; readonly fault: Fault };

const done: Verdict = { type: 'done', result: '' };

export function handle(world: World, { id, branch, operation, inputs }: BranchCall): Handled {
  const { scripts, branches } = world.orders[id]!;
  const { random, agenda, observer } = world;
  const script = scripts[branch]!;
  if (isMissing(script, operation, agenda.now_ms)) return failed('UNIMPLEMENTED', 'there is no such handler');
  if (agenda.now_ms < world.healed_ms && random.chance(script.stumbles))
    return failed('40001', 'could not serialize access');
  if (!isFirst(operation) && operation !== 'DELIVER') return done;
  observer.given(id, branch, inputs);
  if (operation !== 'DELIVER' && random.chance(script.rejects)) {
    return { type: 'rejected', code: 'NO', message: 'not today' };
  }
  if (operation === 'PREPARE' && random.chance(script.readOnly)) return { type: 'done', result: '', readOnly: true };
  return { type: 'done', result: resultOf(id, branches[branch]!.name) };
}

function isMissing(script: Script, operation: Operation, now_ms: number): boolean {
  return now_ms < (isFirst(operation) ? script.missingUntil_ms : script.brokenUntil_ms);
}

/** How long a handler works. */
export function workOf_ms({ orders, agenda, random }: World, calls: readonly BranchCall[]): number {
  let most_ms = 0;
  for (const { id, branch, operation } of calls) {
    const script = orders[id]!.scripts[branch]!;
    if (!isMissing(script, operation, agenda.now_ms)) most_ms = Math.max(most_ms, script.work_ms);
  }
  return random.between(0, most_ms);
}

export function failed(code: string, message: string): { readonly type: 'failed'; readonly fault: Fault } {
  return { type: 'failed', fault: { code, message } };
}
