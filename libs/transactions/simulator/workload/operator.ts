// The operator, who looks at what is parked, and now and then aborts something.
import type { Act } from '../log/act.ts';
import type { Row } from '../log/tables.ts';
import { call } from '../network.ts';
import { isParkedForGood } from '../oracle/verdict.ts';
import { later } from '../process.ts';
import type { World } from '../world.ts';

const round_ms = 2_500;

export function operate(world: World): void {
  const process = world.outside;
  later(world, process, round_ms * world.random.between(0.5, 1.5), () => operate(world), true);
  for (const row of world.log.rows.values()) {
    const act = row.ended_ms === undefined ? wantedFor(world, row) : undefined;
    if (!act) continue;
    const coordinator = world.random.pick(world.coordinators);
    world.say?.('operator', `asks ${coordinator.process.name} for ${act.type} of T${row.id}`);
    call<boolean>(world, {
      from: process,
      to: coordinator.process,
      timeout_ms: 5_000,
      serve: (answer) => coordinator.act(row.id, act, answer),
      hear: () => {},
      fail: () => {},
    });
  }
}

function wantedFor(world: World, row: Row): Act | undefined {
  const { random } = world;
  const isHealed = world.healed_ms <= world.agenda.now_ms;
  if (!row.stuck)
    return isHealed || !random.chance(0.05) ? undefined : { type: row.state === 'RUNNING' ? 'abort' : 'retry' };
  if (!isParkedForGood(world, row)) return { type: 'retry' };
  if (isHealed) return undefined;
  if (random.chance(0.2)) return { type: 'skip', branch: row.stuck[0]!.branch };
  return random.chance(0.2) ? { type: 'retry' } : undefined;
}
