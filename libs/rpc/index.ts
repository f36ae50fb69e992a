export { type Backoff, backoff_ms } from './backoff.ts';
export type { Call, CallOptions } from './call.ts';
export { type ConnectOptions, connect, serviceTarget } from './client.ts';
export { type Code, invalid, RpcError, type RpcErrorOptions, type Violation } from './errors.ts';
export type { ConcurrencyLimits, Limits } from './limits.ts';
export type { Client, Implementation } from './methods.ts';
export { implement, type Load, type RpcServer, type RpcService, type ServeOptions, serve } from './server.ts';
export type { ServiceConfig } from './service-config.ts';
export { fromMessage, type StatusMessage, toMessage } from './status.ts';
