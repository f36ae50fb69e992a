// Sends branch calls to participants, in batches, and gives every call one outcome.

import type { Outcome } from '../../protocol/index.ts';
import { call } from '../network.ts';
import { type BranchCall, execute } from '../participant/participant.ts';
import { later, type Process } from '../process.ts';
import type { World } from '../world.ts';

export interface OutgoingCall {
  readonly participant: string;
  readonly call: BranchCall;
  readonly onOutcome: (outcome: Outcome) => void;
}

export type Dispatcher = (outgoing: OutgoingCall) => void;

export function createDispatcher(world: World, process: Process): Dispatcher {
  const lanes = new Map<string, OutgoingCall[]>();
  return (outgoing) => {
    const lane = lanes.get(outgoing.participant);
    if (lane) {
      lane.push(outgoing);
      return;
    }
    const calls = [outgoing];
    lanes.set(outgoing.participant, calls);
    later(world, process, world.random.between(0, 0.3), () => {
      lanes.delete(outgoing.participant);
      sendBatch(world, process, outgoing.participant, calls);
    });
  };
}

function sendBatch(world: World, process: Process, participant: string, calls: readonly OutgoingCall[]): void {
  const replica = world.random.pick(world.participants.get(participant)!);
  const isOpen = calls.map(() => true);
  const settle = (index: number, outcome: Outcome) => {
    if (!isOpen[index]) return;
    isOpen[index] = false;
    calls[index]!.onOutcome(outcome);
  };
  call<readonly { index: number; outcome: Outcome }[]>(world, {
    from: process,
    to: replica.process,
    timeout_ms: world.settings.callTimeout_ms,
    serve: (answer) =>
      execute(
        world,
        replica,
        calls.map((outgoing) => outgoing.call),
        answer,
      ),
    hear(outcomes) {
      for (const { index, outcome } of outcomes) settle(world.rules.place(index, calls.length), outcome);
    },
    fail() {
      for (const index of calls.keys()) settle(index, world.rules.outcomeOfSilence());
    },
  });
}
