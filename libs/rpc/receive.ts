import { status } from '@grpc/grpc-js';
import { type Method, type Outgoing, start } from './attempt.ts';
import type { RpcError } from './errors.ts';

/** Makes an attempt and waits for its one response; undefined when it ends well without one. */
export function receiveOne(method: Method, outgoing: Outgoing): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let response: Buffer | undefined;
    const call = start(method, outgoing, {
      message(bytes) {
        response = bytes;
      },
      end(error) {
        if (error) reject(error);
        else resolve(response);
      },
    });
    call.startRead();
  });
}

/** Makes an attempt and gives its responses as they come. Cancels it when nobody reads on. */
export async function* receiveAll(method: Method, outgoing: Outgoing): AsyncGenerator<Buffer, void, void> {
  const messages: Buffer[] = [];
  let ended = false;
  let failure: RpcError | undefined;
  let wake = () => {};
  const call = start(method, outgoing, {
    message(bytes) {
      messages.push(bytes);
      wake();
    },
    end(error) {
      ended = true;
      failure = error;
      wake();
    },
  });
  try {
    while (!ended || messages.length > 0) {
      const next = messages.shift();
      if (next) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
          // One message at a time: who reads slowly slows the server down.
          call.startRead();
        });
    }
    if (failure) throw failure;
  } finally {
    if (!ended) call.cancelWithStatus(status.CANCELLED, 'nobody reads on');
  }
}
