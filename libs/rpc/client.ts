import type { Service } from '@assent/protos';
import type { Client } from './methods.ts';

export interface ConnectOptions {
  /** Such as `file:///run/endpoints.json#inventory` or `127.0.0.1:50051`. */
  readonly target: string;
  /** How long calls without a timeout of their own may take; 10 s. */
  readonly timeout_ms?: number;
}

export function connect<H>(_service: Service<H>, _options: ConnectOptions): Client<H> {
  throw new Error('to be written');
}

/** The target of one service: `file:///x/endpoints.json#{service}` with `inventory` is `file:///x/endpoints.json#inventory`. */
export function serviceTarget(template: string, service: string): string {
  return template.replaceAll('{service}', service);
}
