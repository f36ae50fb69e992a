// One batch of branch calls.
import { armed, reach } from '@assent/failpoints';
import type { BranchOutcome } from '@assent/protos/participant/v1/BranchOutcome.ts';
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import { type Client, RpcError } from '@assent/rpc';
import { withTraceparent } from '@assent/telemetry';
import type { Fault, Outcome } from '@assent/transactions/protocol';
import type { OutgoingCall } from './dispatch.ts';

/**
 * Every call gets its outcome: a call that got no answer has failed, which says that nothing is known of it. Returns whether
 * the participant is well: it has said something about one of them that isn't just that it can't work now.
 */
export async function execute(
  client: Client<ParticipantServiceHandlers>,
  calls: readonly OutgoingCall[],
  timeout_ms: number,
  heard: () => void,
): Promise<boolean> {
  const open = new Set(calls.keys());
  let isWell = false;
  let fault: Fault = { code: 'UNAVAILABLE', message: 'the participant ended its answer early' };
  try {
    if (armed) await reach(...calls.map(({ call }) => `send.${call.operation}.before` as const));
    const request = { calls: calls.map(({ call }) => call) };
    // The batch is traced with its first call; the participant links the others.
    const responses = withTraceparent(calls[0]?.call.traceparent ?? '', () => client.execute(request, { timeout_ms }));
    for await (const { outcomes } of responses) {
      heard();
      if (armed) await reach(...outcomes.map(({ index }) => `send.${calls[index]!.call.operation}.after` as const));
      for (const received of outcomes) {
        if (!open.delete(received.index)) continue;
        const outcome = toOutcome(received);
        isWell ||= !isOutage(outcome);
        calls[received.index]?.onOutcome(outcome);
      }
    }
  } catch (error) {
    fault = toFault(error);
  }
  for (const index of open) calls[index]?.onOutcome({ type: 'failed', fault });
  return isWell || !isOutage({ type: 'failed', fault });
}

function toOutcome({ done, rejected, failed }: BranchOutcome): Outcome {
  if (done) return { type: 'done', readOnly: done.readOnly, ...(done.result && { result: done.result }) };
  if (rejected) return { type: 'rejected', code: rejected.code, message: rejected.message };
  const { code, message } = failed ?? { code: 'UNKNOWN', message: 'an outcome without content' };
  return { type: 'failed', fault: { code, message } };
}

/** A connection that breaks in a bad moment may look like an error of the participant's: of these nothing is known. */
function toFault(error: unknown): Fault {
  const { code, message } = error instanceof RpcError ? error : new RpcError('UNKNOWN', String(error));
  return { code: code === 'INTERNAL' || code === 'UNKNOWN' ? 'UNAVAILABLE' : code, message };
}

/** The participant or its database is down: it isn't about this call. */
function isOutage(outcome: Outcome): boolean {
  return (
    outcome.type === 'failed' &&
    /^(UNAVAILABLE|DEADLINE_EXCEEDED|CANCELLED|08...|53...|57P..)$/.test(outcome.fault.code)
  );
}
