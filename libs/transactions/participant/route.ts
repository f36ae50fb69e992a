// Finds the database of a call, when there are several.
import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '@assent/rpc';
import { isFirst } from '../protocol/index.ts';
import type { AnyAction } from './action.ts';
import type { Answer, Call } from './call.ts';
import { failureOf } from './failure.ts';
import { readCall } from './handle.ts';
import type { ActionLane, Lanes } from './lanes.ts';

/** Answers a call; never rejects. */
export type Route = (call: Call) => Promise<Answer>;

/** Balancers prefer who answers quickly: who can't do it must not be quicker than who can. */
const elsewhere_ms = 100;

/** @param shards the lanes of each database, all of the same actions */
export function createRoute(shards: readonly Lanes[]): Route {
  function route(call: Call): Promise<Answer> {
    const { operation, action } = call;
    const lanes = shards.flatMap((shard) => shard(operation, action) ?? []);
    if (!lanes[0]) throw new RpcError('UNIMPLEMENTED', `there is no ${operation} of an action '${action}' here`);
    const shard = shardOf(lanes[0].action, call);
    if (shard === undefined) return askAll(lanes, call);
    const lane = lanes[shard];
    return lane ? ask(lane, call) : elsewhere(action, shard, lanes.length);
  }
  return (call) => {
    try {
      return route(call);
    } catch (error) {
      return Promise.resolve(failureOf(error));
    }
  };
}

/** While a shard is being added some replicas know of it before others do: another one is to be asked. */
async function elsewhere(action: string, shard: number, shards: number): Promise<Answer> {
  await sleep(elsewhere_ms);
  return failureOf(new RpcError('UNAVAILABLE', `${action} has no shard ${shard} here, only ${shards}`));
}

/** Undefined when the payload can't be read. */
function shardOf(action: AnyAction, call: Call): number | undefined {
  if (!action.shard) return 0;
  const read = readCall(action, call);
  return read.type === 'good' ? action.shard(read.call.payload) : undefined;
}

function ask(lane: ActionLane, call: Call): Promise<Answer> {
  const answer = lane.submit(call);
  return answer ?? Promise.resolve(failureOf(new RpcError('RESOURCE_EXHAUSTED', 'too many calls are waiting')));
}

/**
 * What can't be read here may be read elsewhere, by another version of the service. So all databases must say no to it, and
 * all undo it. What is to be committed is in one of them.
 */
async function askAll(lanes: readonly ActionLane[], call: Call): Promise<Answer> {
  const answers = await Promise.all(lanes.map((lane) => ask(lane, call)));
  const isUndo = /^(COMPENSATE|CANCEL|ROLLBACK)$/.test(call.operation);
  const ranks: Answer['type'][] = isUndo
    ? ['failed', 'rejected', 'done']
    : isFirst(call.operation)
      ? ['failed', 'done', 'rejected']
      : ['done', 'failed', 'rejected'];
  return ranks.flatMap((type) => answers.find((answer) => answer.type === type) ?? [])[0]!;
}
