// The public API as gRPC: the same methods as in REST, under their own names, passed on as they are.

import { type Call, implement, type RpcService } from '@assent/rpc';
import { backends } from './api/contracts.ts';
import { type Route, routes } from './api/routes.ts';
import { type Backends, camelCase, publicService } from './backends.ts';
import type { Enter } from './entrance.ts';
import { outward } from './outward.ts';

export interface EdgeOptions {
  /** How long calls may take that have no earlier deadline. */
  readonly timeout_ms: number;
  readonly streamTimeout_ms: number;
  readonly enter: Enter;
}

export function edgeServices(connected: Backends, options: EdgeOptions): RpcService[] {
  return backends.map(({ service }) => {
    const methods = routes.filter((route) => route.service === service.name);
    const handlers = methods.map((route) => [camelCase(route.method.name), handler(route, connected, options)]);
    return implement(publicService(service), Object.fromEntries(handlers));
  });
}

function handler(route: Route, connected: Backends, options: EdgeOptions) {
  const timeout_ms = route.method.responseStream ? options.streamTimeout_ms : options.timeout_ms;
  // Of what a caller sends along nothing else counts.
  const callOptions = async (parent: Call) => {
    const { metadata: sent, peer = '' } = parent;
    const { passed } = await options.enter(route, {
      peer,
      authorization: sent.get('authorization')[0]?.toString(),
      forwardedFor: sent.get('x-forwarded-for').join(',') || undefined,
    });
    if ('refusal' in passed) throw passed.refusal;
    return { parent, timeout_ms, metadata: passed.metadata };
  };
  if (route.method.responseStream) {
    const stream = connected.stream(route);
    return async function* (request: Uint8Array, parent: Call) {
      try {
        yield* stream(request, await callOptions(parent));
      } catch (error) {
        throw outward(error);
      }
    };
  }
  const unary = connected.unary(route);
  return async (request: Uint8Array, parent: Call) => {
    try {
      return await unary(request, await callOptions(parent));
    } catch (error) {
      throw outward(error);
    }
  };
}
