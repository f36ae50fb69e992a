// What an endpoint says of its health, asked over the connection that calls go over (gRPC's A17, which grpc-js doesn't
// have): https://github.com/grpc/grpc/blob/master/doc/health-checking.md
import { type ChannelInterface, type experimental, Metadata, status } from '@grpc/grpc-js';
import type { HealthSettings } from './settings.ts';

const WATCH = '/grpc.health.v1.Health/Watch';
const SERVING = 1;
/** When an answer broke off, and when there was none. */
const SOON_MS = 50;
const AGAIN_MS = 500;

/**
 * Says whether an endpoint wants calls, at first and whenever it says so itself, until that is stopped by what it gives. One
 * that has no health service does; one that doesn't answer in time doesn't, until it answers. A stream that is silent is
 * no sign of life, so it is asked anew now and then; meanwhile the old stream counts.
 */
export function watchHealth(
  channel: ChannelInterface,
  { service, renew_ms, timeout_ms }: HealthSettings,
  tell: (isServing: boolean) => void,
): () => void {
  const request = encodeRequest(service);
  let asked: experimental.CallStream | undefined;
  let answered: experimental.CallStream | undefined;
  let overdue: NodeJS.Timeout | undefined;
  let next: NodeJS.Timeout | undefined;

  function askIn(wait_ms: number): void {
    clearTimeout(next);
    // Not all endpoints at once, nor all clients.
    next = setTimeout(ask, wait_ms * (0.8 + 0.4 * Math.random())).unref();
  }

  function ask(): void {
    if (asked) cancel(asked);
    overdue ??= setTimeout(tell, timeout_ms, false).unref();
    askIn(renew_ms);
    const call = channel.createCall(WATCH, Infinity, null, null, null);
    asked = call;
    begin(
      call,
      request,
      (bytes) => heard(call, decodeResponse(bytes)),
      (code) => ended(call, code),
    );
  }

  function inTime(): void {
    clearTimeout(overdue);
    overdue = undefined;
  }

  function heard(call: experimental.CallStream, isServing: boolean): void {
    if (call === asked) {
      if (answered) cancel(answered);
      [asked, answered] = [undefined, call];
      inTime();
    }
    if (call === answered) tell(isServing);
    // It was cancelled before grpc-js had begun it, which had no effect.
    else cancel(call);
  }

  function ended(call: experimental.CallStream, code: status): void {
    if (call === answered) askIn(SOON_MS);
    if (call !== asked) return;
    asked = undefined;
    inTime();
    if (code === status.UNIMPLEMENTED) clearTimeout(next);
    else askIn(AGAIN_MS);
    // One that sheds load is alive.
    tell(code === status.UNIMPLEMENTED || code === status.RESOURCE_EXHAUSTED);
  }

  ask();
  return () => {
    clearTimeout(overdue);
    clearTimeout(next);
    for (const call of [asked, answered]) if (call) cancel(call);
    asked = answered = undefined;
    // Only takes it off grpc-js's list of channels; who else uses it can go on.
    channel.close();
  };
}

function begin(
  call: experimental.CallStream,
  request: Buffer,
  heard: (bytes: Buffer) => void,
  ended: (code: status) => void,
): void {
  const listener = {
    onReceiveMetadata() {},
    onReceiveMessage(bytes: Buffer) {
      heard(bytes);
      call.startRead();
    },
    onReceiveStatus: ({ code }: { code: status }) => ended(code),
  };
  // It gives a promise, whatever its type says, which fails when the connection is lost at this very moment.
  Promise.resolve(call.start(new Metadata(), listener)).catch(() => ended(status.UNAVAILABLE));
  call.sendMessageWithContext({}, request);
  call.halfClose();
  call.startRead();
}

function cancel(call: experimental.CallStream): void {
  call.cancelWithStatus(status.CANCELLED, 'asked no more');
}

// The messages have one field each: `string service = 1`, whose length fits in a byte, and `ServingStatus status = 1`.
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
}

const decodeResponse = (bytes: Buffer) => bytes[0] === 0x08 && bytes[1] === SERVING;
