// Sends branch calls to participants, in batches.

import type { BranchCallInput } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcome } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Client } from '@assent/rpc';
import { withTraceparent } from '@assent/telemetry';
import { createCollector } from '@assent/transactions/batching';
import type { Fault, Operation, Outcome } from '@assent/transactions/protocol';

export interface OutgoingCall {
  readonly participant: string;
  readonly call: BranchCallInput & { operation: Operation; traceparent: string };
  /** Called once. */
  readonly onOutcome: (outcome: Outcome) => void;
}

export interface Dispatcher {
  send(call: OutgoingCall): void;
}

const batchSize = 256;
const batches = 64;
const timeout_ms = 5_000;

/** @param participants the clients, by name */
export function createDispatcher(participants: ReadonlyMap<string, Client<ParticipantServiceHandlers>>): Dispatcher {
  const lanes = new Map(
    [...participants].map(([name, client]) => {
      const send = (calls: readonly OutgoingCall[], heard: () => void) => execute(client, calls, heard);
      return [name, createCollector({ batchSize, batches, send })];
    }),
  );
  return {
    send(call) {
      const lane = lanes.get(call.participant);
      if (lane) lane(call);
      else call.onOutcome(failedWith({ code: 'NOT_FOUND', message: `no participant '${call.participant}'` }));
    },
  };
}

/** One batch. Every call gets its outcome: a call that got no answer has failed, which says that nothing is known of it. */
async function execute(
  client: Client<ParticipantServiceHandlers>,
  calls: readonly OutgoingCall[],
  heard: () => void,
): Promise<void> {
  const open = new Set(calls.keys());
  let error = { code: 'UNAVAILABLE', message: 'the participant ended its answer early' };
  try {
    const request = { calls: calls.map(({ call }) => call) };
    // The batch is traced with its first call; the participant links the others.
    const responses = withTraceparent(calls[0]?.call.traceparent ?? '', () => client.execute(request, { timeout_ms }));
    for await (const { outcomes } of responses) {
      heard();
      for (const outcome of outcomes) {
        if (open.delete(outcome.index)) answer(calls[outcome.index] as OutgoingCall, outcome);
      }
    }
  } catch (caught) {
    if (caught instanceof Error) error = { code: 'code' in caught ? String(caught.code) : '', message: caught.message };
  }
  for (const index of open) calls[index]?.onOutcome(failedWith(error));
}

function answer({ onOutcome }: OutgoingCall, { done, rejected, failed }: BranchOutcome): void {
  if (done) onOutcome({ type: 'done', readOnly: done.readOnly, ...(done.result && { result: done.result }) });
  else if (rejected) onOutcome({ type: 'rejected', code: rejected.code, message: rejected.message });
  else onOutcome(failedWith(failed ?? { code: 'UNKNOWN', message: 'an outcome without content' }));
}

function failedWith({ code, message }: Fault): Outcome {
  return { type: 'failed', fault: { code, message } };
}
