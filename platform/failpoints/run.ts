// Runs one case: transactions, a failure at its point, everything mended, everything verified.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from './cases.ts';
import { provoke } from './provoke.ts';
import { expiry_s, openStage, type Stage } from './stage.ts';
import { until } from './until.ts';
import { type Asked, findFaults, stateOf } from './verify.ts';
import { type Coordinator, lease_ms, type World } from './world.ts';

export type Outcome =
  /** `ended_ms`: how long everything took to come right once it was mended. */
  | { readonly type: 'passed'; readonly ended_ms: number }
  /** Nothing is wrong, but nothing has been shown either: the failpoint was not reached. */
  | { readonly type: 'missed' }
  | { readonly type: 'failed'; readonly faults: readonly string[] };

const ready_ms = 60_000;
const stop_ms = 30_000;

/** @param patience_ms how long everything may take to come right once it is mended */
export async function runCase(world: World, one: Case, patience_ms: number): Promise<Outcome> {
  try {
    await getReady(world);
    const stage = openStage(world, one);
    const begun = performance.now();
    const reached = await provoke[one.provocation](stage);
    if (reached && one.effect === 'stall') await outlast(world, one, begun);
    if (one.provocation === 'stop') await until(stop_ms, () => hasStopped(world));
    await mendAll(world);
    const mended = performance.now();
    const faults = await faultsInTheEnd(stage, patience_ms);
    if (faults.length > 0) return { type: 'failed', faults };
    return reached ? { type: 'passed', ended_ms: performance.now() - mended } : { type: 'missed' };
  } catch (error) {
    return { type: 'failed', faults: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Everything serves, and nobody's lease has run out. */
async function getReady(world: World): Promise<void> {
  await mendAll(world);
  const isReady = await until(ready_ms, async () => {
    const { rows } = await world.log.query('SELECT FROM coordinators WHERE NOT fenced AND lease_until > now()');
    return rows.length >= world.coordinators.length;
  });
  if (!isReady) throw new Error('no two coordinators have a lease');
}

async function mendAll({ replicas }: World): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.mend()));
}

/** Waits while a process stands still, until its lease has run out and its peer has noticed. */
async function outlast(world: World, { side, ending }: Case, begun: number): Promise<void> {
  const before = await countFenced(world);
  await sleep(1.5 * lease_ms);
  if (side === 'coordinator') await until(1.5 * lease_ms, async () => (await countFenced(world)) > before);
  if (ending === 'EXPIRE') await until(2_000 * expiry_s, () => performance.now() > begun + 1_200 * expiry_s);
}

async function countFenced({ log }: World): Promise<number> {
  return (await log.query('SELECT FROM coordinators WHERE fenced')).rowCount;
}

/** Told to stop, it does, unless its failure has done so already; one that stood still is woken for that. */
function hasStopped({ coordinators: [a] }: World): boolean {
  a.wake();
  return a.isGone();
}

async function faultsInTheEnd(stage: Stage, patience_ms: number): Promise<string[]> {
  if (stage.one.provocation === 'break') await unpark(stage, patience_ms);
  await stage.answers();
  stage.ask('B', 'APPLIED');
  const answers = await stage.answers();
  const asked = stage.requests.map(({ number }, index): Asked => ({ number, answers: answers[index]! }));
  let faults: string[] = [];
  await until(patience_ms, async () => {
    faults = await findFaults(stage.world, stage.one, asked).catch((error: Error) => [error.message]);
    return faults.length === 0;
  });
  return faults;
}

/** Once all are parked, what kept them from ending is mended, and an operator has them tried again. */
async function unpark(stage: Stage, patience_ms: number): Promise<void> {
  const ids = (await stage.answers()).map(([answer]) => answer!.transactionId);
  const [, b] = stage.world.coordinators;
  const areParked = await until(patience_ms, async () => {
    const states = await Promise.all(ids.map((id) => stateOf(stage.world, id).catch(() => undefined)));
    return states.every((state) => state === 'PARKED');
  });
  if (!areParked) throw new Error('not parked');
  await stage.release();
  const isMended = await until(patience_ms, () => areRetried(b, ids).catch(() => false));
  if (!isMended) throw new Error('an operator has no answer');
}

async function areRetried(coordinator: Coordinator, ids: readonly string[]): Promise<boolean> {
  const act = { metadata: { 'assent-operator': 'matrix' } };
  const client = coordinator.client();
  await Promise.all(ids.map((transactionId) => client.retryTransaction({ transactionId, reason: 'mended' }, act)));
  return true;
}
