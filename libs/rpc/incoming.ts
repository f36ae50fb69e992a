import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import type { Call } from './call.ts';
import { RpcError } from './errors.ts';

/** What unary calls and streams have in common at a server. */
export type GrpcCall = Pick<
  ServerUnaryCall<unknown, unknown>,
  'request' | 'metadata' | 'cancelled' | 'getDeadline' | 'getPeer' | 'once'
>;

/** A call that is being answered. A class, because most handlers never ask for its signal, which would cost. */
export class IncomingCall implements Call {
  /** When it came, by performance.now(). */
  readonly begin_ms: number;
  readonly deadline_ms: number;
  putOff_ms: number | undefined;
  readonly #call: GrpcCall;
  #aborter: AbortController | undefined;
  #answered = false;

  constructor(call: GrpcCall) {
    this.#call = call;
    this.begin_ms = performance.now();
    this.deadline_ms = this.begin_ms + Number(call.getDeadline()) - Date.now();
  }

  /** Whether nobody waits for the answer any more. */
  get isGone(): boolean {
    return this.#call.cancelled;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  get peer(): string {
    return this.#call.getPeer().replace(/:\d+$/, '');
  }

  get signal(): AbortSignal {
    if (!this.#aborter) {
      this.#aborter = new AbortController();
      if (this.#call.cancelled) this.#abort();
      else this.#call.once('cancelled', () => this.#abort());
    }
    return this.#aborter.signal;
  }

  /** The answer is out: from here on grpc-js says cancelled when it means done. */
  answered(): void {
    this.#answered = true;
  }

  #abort(): void {
    if (this.#answered) return;
    const late = performance.now() >= this.deadline_ms;
    const reason = late
      ? new RpcError('DEADLINE_EXCEEDED', 'the deadline has passed')
      : new RpcError('CANCELLED', 'the client has cancelled the call');
    this.#aborter?.abort(reason);
  }
}
