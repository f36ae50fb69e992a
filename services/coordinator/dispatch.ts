// Sends branch calls to participants in batches, without a timer: while a participant is working on a batch, what is to be
// sent to it collects and makes up the next one. A batch costs hardly more than a single call.

import type { BranchCallInput } from '@assent/protos/participant/v1/BranchCall.ts';
import type { BranchOutcome } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Client } from '@assent/rpc';
import { withTraceparent } from '@assent/telemetry';
import type { Operation, Outcome } from '@assent/transactions/protocol';

export interface OutgoingCall {
  readonly participant: string;
  readonly call: BranchCallInput & { operation: Operation; traceparent: string };
  /** Called once. */
  readonly onOutcome: (outcome: Outcome, error?: { code: string; message: string }) => void;
}

export interface Dispatcher {
  send(call: OutgoingCall): void;
}

const maxBatch = 256;
const timeout_ms = 5_000;
/** Batches that a participant has said nothing about yet, so that those behind them grow. */
const maxSilent = 1;
/** A batch that is silent for longer waits for something, a lock perhaps: others needn't wait with it. */
const patience_ms = 50;
/** A participant that hangs holds this many batches of its own calls up, and nothing else. */
const maxBatches = 64;

/** @param participants the clients, by name */
export function createDispatcher(participants: ReadonlyMap<string, Client<ParticipantServiceHandlers>>): Dispatcher {
  const lanes = new Map([...participants].map(([name, client]) => [name, createLane(client)]));
  return {
    send(call) {
      const lane = lanes.get(call.participant);
      if (lane) lane(call);
      else call.onOutcome({ type: 'failed' }, { code: 'NOT_FOUND', message: `no participant '${call.participant}'` });
    },
  };
}

function createLane(client: Client<ParticipantServiceHandlers>): (call: OutgoingCall) => void {
  const queue: OutgoingCall[] = [];
  let batches = 0;
  let silent = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    while (queue.length > 0 && silent < maxSilent && batches < maxBatches) run(queue.splice(0, maxBatch));
  }

  async function run(calls: readonly OutgoingCall[]): Promise<void> {
    batches++;
    silent++;
    const spoke = once(() => {
      clearTimeout(timer);
      silent--;
      schedule();
    });
    const timer = setTimeout(spoke, patience_ms);
    await execute(client, calls, spoke);
    spoke();
    batches--;
    schedule();
  }

  /** Calls of the same turn of the event loop go together. */
  function schedule(): void {
    if (scheduled || queue.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  }

  return (call) => {
    queue.push(call);
    schedule();
  };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}

/** One batch. Every call gets its outcome: a call that got no answer has failed, which says that nothing is known of it. */
async function execute(
  client: Client<ParticipantServiceHandlers>,
  calls: readonly OutgoingCall[],
  onResponse: () => void,
): Promise<void> {
  const open = new Set(calls.keys());
  let error = { code: 'UNAVAILABLE', message: 'the participant ended its answer early' };
  try {
    const request = { calls: calls.map(({ call }) => call) };
    // The batch is traced with its first call; the participant links the others.
    const responses = withTraceparent(calls[0]?.call.traceparent ?? '', () => client.execute(request, { timeout_ms }));
    for await (const { outcomes } of responses) {
      onResponse();
      for (const outcome of outcomes) {
        if (open.delete(outcome.index)) answer(calls[outcome.index] as OutgoingCall, outcome);
      }
    }
  } catch (caught) {
    if (caught instanceof Error) error = { code: 'code' in caught ? String(caught.code) : '', message: caught.message };
  }
  for (const index of open) calls[index]?.onOutcome({ type: 'failed' }, error);
}

function answer({ onOutcome }: OutgoingCall, { done, rejected, failed }: BranchOutcome): void {
  if (done) onOutcome({ type: 'done', ...(done.result && { result: done.result }) });
  else if (rejected) onOutcome({ type: 'rejected', code: rejected.code, message: rejected.message });
  else onOutcome({ type: 'failed' }, failed ?? { code: 'UNKNOWN', message: 'an outcome without content' });
}
