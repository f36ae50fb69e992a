// A bulkhead: what one participant is asked, in batches. While it is down its calls wait here and cost nothing, but for a
// few that are sent every now and then to see whether it is back.
import type { ParticipantServiceHandlers } from '@assent/protos/participant/v1/ParticipantService.ts';
import type { Client } from '@assent/rpc';
import { createCollector } from '@assent/transactions/batching';
import type { OutgoingCall } from './dispatch.ts';
import { execute } from './execute.ts';

export interface Lane {
  send(call: OutgoingCall): void;
  /** How many calls wait for it to come back. */
  waiting(): number;
}

const batchSize = 256;
const batches = 64;
const timeout_ms = 5_000;
/** So many batches without a good word, one after the other, and it is taken for down; or silence for so long. */
const strikesToDown = 3;
const silence_ms = 2_000;
/** Whoever is down is asked so often, about so many calls at a time: one of them alone may be what it can't answer. */
const probeEvery_ms = 250;
const probeTimeout_ms = 2_000;
const probeSize = 16;

const down = { code: 'UNAVAILABLE', message: 'the participant is down' };

export function createLane(client: Client<ParticipantServiceHandlers>): Lane {
  let held: OutgoingCall[] = [];
  let isDown = false;
  let isProbing = false;
  let strikes = 0;
  let heardAt_ms = performance.now();

  const add = createCollector<OutgoingCall>({
    batchSize,
    batches,
    async send(calls, heard) {
      if (isDown) for (const call of calls) hold(call);
      else await attempt(calls, timeout_ms, heard);
    },
  });

  async function attempt(calls: readonly OutgoingCall[], timeout_ms: number, heard: () => void): Promise<void> {
    const silence = setTimeout(() => {
      if (performance.now() - heardAt_ms >= silence_ms) isDown = true;
    }, silence_ms);
    const isWell = await execute(client, calls, timeout_ms, () => {
      clearTimeout(silence);
      heardAt_ms = performance.now();
      heard();
    });
    clearTimeout(silence);
    if (isWell) release();
    else if (++strikes >= strikesToDown) isDown = true;
  }

  function hold(call: OutgoingCall): void {
    if (!call.isPatient) return void setImmediate(call.onOutcome, { type: 'failed', fault: down });
    held.push(call);
    probeLater();
  }

  function release(): void {
    strikes = 0;
    isDown = false;
    const calls = held;
    held = [];
    for (const call of calls) if (call.isWanted()) add(call);
  }

  function probeLater(): void {
    if (isProbing) return;
    isProbing = true;
    setTimeout(probe, probeEvery_ms * (0.75 + Math.random() / 2));
  }

  async function probe(): Promise<void> {
    held = held.filter((call) => call.isWanted());
    if (isDown && held.length > 0) await attempt(held.splice(0, probeSize), probeTimeout_ms, () => {});
    isProbing = false;
    if (held.length > 0) probeLater();
  }

  return {
    send(call) {
      if (isDown) hold(call);
      else add(call);
    },
    waiting: () => held.length,
  };
}
