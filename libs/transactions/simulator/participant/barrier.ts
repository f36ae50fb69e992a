// The barrier's decision, with a word in the transcript where it is more than "go ahead".
import type { BarrierOperation, Decision, Found } from '../../participant/rules.ts';
import { isFirst } from '../../protocol/index.ts';
import { nameOf, type World } from '../world.ts';
import type { Replica } from './participant.ts';
import type { BranchKey } from './store.ts';

export function decideOn(
  world: World,
  { process }: Replica,
  operation: BarrierOperation,
  branch: BranchKey,
  found: Found,
): Decision {
  const decision = world.rules.decide(operation, found);
  const { outcome } = found.first;
  if (isFirst(operation) && outcome === 'blocked') world.tally.hanging++;
  const what = whatToSay(operation, found, decision);
  if (what) world.say?.(process.name, `${nameOf(world, branch)} ${operation}: ${what}`);
  return decision;
}

function whatToSay(operation: BarrierOperation, { claimed, first }: Found, { type }: Decision): string | undefined {
  if (type === 'run') return undefined;
  if (operation === 'ROLLBACK' && type === 'done') {
    return claimed && first.outcome === 'blocked' ? 'from here on its PREPARE is kept out' : undefined;
  }
  return `nothing to do, the branch is ${first.outcome}`;
}
