import type { Money } from '../api.ts';
import type { Cleared } from '../run/clear.ts';

/** What a start says as it goes on. */
export type Event =
  | ({ readonly type: 'cleared' } & Cleared)
  | { readonly type: 'postgres'; readonly port: number }
  | { readonly type: 'serving'; readonly replica: string; readonly pid: number; readonly port: number }
  | { readonly type: 'not_serving'; readonly replica: string; readonly pid: number; readonly port: number }
  | { readonly type: 'died'; readonly replica: string; readonly cause: string; readonly restartIn_ms: number }
  | Ready
  | SampleOrder
  /** All replicas serve. */
  | { readonly type: 'complete'; readonly seconds: number; readonly processes: number }
  | { readonly type: 'log'; readonly replica: string; readonly entry: LogEntry }
  | { readonly type: 'stopping'; readonly cause: string }
  | { readonly type: 'stopped'; readonly seconds: number };

/** Every service serves, and the shop is stocked. */
export interface Ready {
  readonly type: 'ready';
  /** Since the command began. */
  readonly seconds: number;
  readonly rest: string;
  readonly grpc: string;
  readonly directory: string;
  readonly temporary: boolean;
  readonly replicas: number;
  readonly pid: number;
}

export interface SampleOrder {
  readonly type: 'order';
  readonly mode: string;
  readonly orderId: string;
  readonly status: string;
  /** Why it was rejected. */
  readonly reason?: string;
  readonly what: string;
  readonly total?: Money;
  readonly latency_ms: number;
}

/** A line of a service's log. */
export interface LogEntry {
  readonly level: string;
  /** ISO 8601. */
  readonly time: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export type Emit = (event: Event) => void;
