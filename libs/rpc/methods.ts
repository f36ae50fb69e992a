// What a service's methods look like to those who serve them and to those who call them, from the generated types.
import type { DefinitionOf } from '@assent/protos';
import type { handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import type { Call, CallOptions } from './call.ts';

/** The methods' names as in the contract. The index signature that generated handlers have is none. */
type MethodName<H> = keyof { [K in keyof H as string extends K ? never : K]: true } & string;

/** The functions of a service, in camelCase: `async getProduct(request, call) { … }`, `async *watchOrder(request, call) { … }`. */
export type Implementation<H> = {
  [K in MethodName<H> as Uncapitalize<K>]: H[K] extends handleServerStreamingCall<infer Request, infer Response>
    ? (request: Request, call: Call) => AsyncIterable<Response>
    : H[K] extends handleUnaryCall<infer Request, infer Response>
      ? (request: Request, call: Call) => Promise<Response>
      : never;
};

/** What `connect` gives: every method in camelCase, and `close`. Failures are RpcErrors. */
export type Client<H> = {
  [K in MethodName<H> as Uncapitalize<K>]: DefinitionOf<H>[K] extends MethodDefinition<
    infer Request,
    infer _Sent,
    infer _Received,
    infer Response
  >
    ? H[K] extends handleServerStreamingCall<infer _Request, infer _Response>
      ? (request: Request, options?: CallOptions) => AsyncIterable<Response>
      : (request: Request, options?: CallOptions) => Promise<Response>
    : never;
} & {
  /**
   * Lets calls under way end and makes no new ones; then the connections are closed. Until then the process goes on, since the
   * health of the endpoints is watched.
   */
  close(): void;
};
