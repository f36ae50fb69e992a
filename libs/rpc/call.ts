import type { Metadata } from '@grpc/grpc-js';

/** One call that a server is answering, as its handler sees it. */
export interface Call {
  /** Aborts when the client cancels, its connection is lost or its deadline passes. */
  readonly signal: AbortSignal;
  /**
   * When the client stops waiting, by performance.now(): the system's clock may be set meanwhile. Infinity when it never
   * does.
   */
  readonly deadline_ms: number;
  /** What the client sent along. */
  readonly metadata: Metadata;
  /** The address at the other end of the connection, without its port. */
  readonly peer?: string;
  /**
   * Set when the server has its hands full, and has let this call in only because something in it is urgent: the rest is best
   * refused, to be asked again after so long.
   */
  readonly putOff_ms?: number | undefined;
}

/** How one call is made. */
export interface CallOptions {
  /** The call that this one is made for: its deadline and its cancellation are this one's too. */
  readonly parent?: Call;
  /** How long to wait at most; otherwise the client's timeout. A parent's earlier deadline wins. */
  readonly timeout_ms?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Sent along. */
  readonly metadata?: Readonly<Record<string, string>>;
}
