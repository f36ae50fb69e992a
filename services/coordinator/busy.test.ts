// A participant that has its hands full says so, and is not taken for one that is down.
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import { type Client, RpcError } from '@assent/rpc';
import type { Outcome } from '@assent/transactions/protocol';
import { expect, test } from '@jest/globals';
import type { OutgoingCall } from './dispatch.ts';
import { createLane } from './lane.ts';

function call(operation: OutgoingCall['call']['operation'], onOutcome: (outcome: Outcome) => void): OutgoingCall {
  const isPatient = true;
  return { participant: 'bank', call: { operation, traceparent: '' }, isPatient, isWanted: () => true, onOutcome };
}

test.each([1, 10])('after %i batches that it refused it is asked like before', async (refusals) => {
  let asked = 0;
  const execute = async function* () {
    asked++;
    if (asked <= refusals) throw new RpcError('RESOURCE_EXHAUSTED', 'too much', { retryDelay_ms: 100 });
    yield { outcomes: [{ index: 0, done: { result: '', readOnly: false } }] };
  };
  const lane = createLane({ execute } as unknown as Client<ParticipantServiceHandlers>);
  const ask = () => new Promise<Outcome>((resolve) => lane.send(call('TRY', resolve)));
  for (let refusal = 0; refusal < refusals; refusal++) {
    expect(await ask()).toMatchObject({ type: 'failed', fault: { code: 'RESOURCE_EXHAUSTED' } });
    expect(lane.waiting()).toBe(0);
  }
  expect(await ask()).toMatchObject({ type: 'done' });
  expect(asked).toBe(refusals + 1);
});
