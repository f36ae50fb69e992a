// Sends branch calls to participants, each by a lane of its own.
import type { BranchCallInput } from '@assent/protos/participant/v1/BranchCall.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Client } from '@assent/rpc';
import type { Operation, Outcome } from '@assent/transactions/protocol';
import { createLane } from './lane.ts';

export interface OutgoingCall {
  readonly participant: string;
  readonly call: BranchCallInput & { operation: Operation; traceparent: string };
  /** Whether it waits for as long as its participant is down; otherwise it has failed then. */
  readonly isPatient: boolean;
  /** Whether it is still to be sent, when it has waited. One that isn't gets no outcome. */
  readonly isWanted: () => boolean;
  /** Called once. */
  readonly onOutcome: (outcome: Outcome) => void;
}

export interface Dispatcher {
  send(call: OutgoingCall): void;
  /** How many calls wait for a participant that is down. */
  waitingFor(participant: string): number;
}

/** @param participants the clients, by name */
export function createDispatcher(participants: ReadonlyMap<string, Client<ParticipantServiceHandlers>>): Dispatcher {
  const lanes = new Map([...participants].map(([name, client]) => [name, createLane(client)]));
  return {
    send(call) {
      const lane = lanes.get(call.participant);
      const fault = { code: 'NOT_FOUND', message: `no participant '${call.participant}'` };
      if (lane) lane.send(call);
      else call.onOutcome({ type: 'failed', fault });
    },
    waitingFor: (participant) => lanes.get(participant)?.waiting() ?? 0,
  };
}
