// A client in a process of its own that calls as it is told, and keeps what became of each call.
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { InventoryService, ParticipantService } from '@assent/protos';
import { connect } from '@assent/rpc';
import { status } from '@grpc/grpc-js';
import { runOpenLoop } from '../../load/openloop.ts';
import { answerParent, clock_ms } from './answer.ts';
import { connectBare } from './bare.ts';
import { connectRest } from './gateway.ts';

export interface CallerOptions {
  /** Of gRPC; a URL for REST. */
  readonly target: string;
  readonly by: 'libs/rpc' | 'grpc-js' | 'REST';
  /** gRPC's; without it, what libs/rpc does by itself. */
  readonly serviceConfig: object | undefined;
  readonly timeout_ms: number;
}

/** One call, whatever attempts it took. */
export interface Made {
  /** When it should have been sent, by `clock_ms`. */
  readonly at_ms: number;
  /** From then until its end. */
  readonly latency_ms: number;
  /** OK, or the name of a gRPC status. */
  readonly code: string;
  /** Who answered; '' when nobody did. */
  readonly replica: string;
}

export interface Load {
  /** Calls per second. */
  readonly rate: number;
  readonly duration_s: number;
}

export interface Saturation {
  /** So many callers at a time, each beginning again when it is answered. */
  readonly callers: number;
  readonly duration_s: number;
  /** Branch calls in each; 0 calls GetProduct. */
  readonly batch: number;
}

export interface Saturated {
  readonly calls: number;
  readonly seconds: number;
  /** Processor time of this process. */
  readonly cpu_s: number;
}

const maxInFlight = 20_000;
const never = new AbortController().signal;

type GetProduct = (request: { sku: string }) => Promise<{ product?: { name?: string } | null | undefined }>;

let getProduct: GetProduct;
let execute: (batch: number) => Promise<void>;

function connectBy(options: CallerOptions): { readonly getProduct: GetProduct } {
  const { target, by, serviceConfig, timeout_ms } = options;
  switch (by) {
    case 'libs/rpc':
      return connect(InventoryService, ours(options));
    case 'grpc-js':
      return connectBare(target, serviceConfig ?? {}, timeout_ms);
    case 'REST':
      return connectRest(target, timeout_ms);
  }
}

function ours({ target, serviceConfig, timeout_ms }: CallerOptions) {
  return { target, timeout_ms, ...(serviceConfig && { serviceConfig }) };
}

const functions = {
  open(options: CallerOptions): void {
    const client = connectBy(options);
    getProduct = (request) => client.getProduct(request);
    if (options.by !== 'libs/rpc') return;
    const participant = connect(ParticipantService, ours(options));
    execute = async (batch) => {
      const calls = Array.from({ length: batch }, (_, branch) => ({ ...branchCall, branch }));
      for await (const _ of participant.execute({ calls }));
    };
  },
  /** Calls by the clock, however long it takes. Fulfilled when all has been answered. */
  async load({ rate, duration_s }: Load): Promise<Made[]> {
    const made: Made[] = [];
    const call = async (scheduled_ms: number) => {
      const at_ms = performance.timeOrigin + scheduled_ms;
      const end = (code: string, replica: string) =>
        void made.push({ at_ms, latency_ms: clock_ms() - at_ms, code, replica });
      await getProduct({ sku: `sku-${made.length}` }).then(
        ({ product }) => end('OK', product?.name ?? ''),
        (error) => end(codeOf(error), ''),
      );
    };
    await runOpenLoop({ rate, duration_s, maxInFlight, signal: never, work: call });
    return made;
  },
  /** Calls as fast as it goes. */
  async saturate({ callers, duration_s, batch }: Saturation): Promise<Saturated> {
    const begin_ms = performance.now();
    const before = process.cpuUsage();
    let calls = 0;
    const caller = async () => {
      for (; performance.now() - begin_ms < duration_s * 1000; calls++) {
        if (batch === 0) await getProduct({ sku: 'sku' });
        else await execute(batch);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const { user, system } = process.cpuUsage(before);
    return { calls, seconds: (performance.now() - begin_ms) / 1000, cpu_s: (user + system) / 1_000_000 };
  },
  /** How many TCP connections this process has made that are still there. */
  connections: (): number => [...sockets].filter(({ readyState }) => readyState === 'open').length,
};

export type CallerFunctions = typeof functions;

const sockets = new Set<Socket>();
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/** As a coordinator would send it. */
const branchCall = {
  transactionId: '01a208ea-17eb-72db-a443-26e5fc87941c',
  operation: 'ACTION',
  action: 'reserve',
  payload: '{"sku":"moka-pot","quantity":1}',
  attempt: 1,
} as const;

function codeOf(error: unknown): string {
  const { code } = error as { code?: string | number };
  return typeof code === 'number' ? (status[code] ?? 'UNKNOWN') : (code ?? 'UNKNOWN');
}

answerParent(functions);
