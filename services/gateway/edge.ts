// The public API as gRPC: the same methods as in REST, under their own names, passed on as they are.

import { type Call, implement, type RpcService } from '@assent/rpc';
import { backends } from './api/contracts.ts';
import { type Route, routes } from './api/routes.ts';
import { type Backends, camelCase, publicService } from './backends.ts';
import { outward } from './outward.ts';

export interface EdgeOptions {
  /** How long calls may take that have no earlier deadline. */
  readonly timeout_ms: number;
  readonly streamTimeout_ms: number;
}

export function edgeServices(connected: Backends, options: EdgeOptions): RpcService[] {
  return backends.map(({ service }) => {
    const methods = routes.filter((route) => route.service === service.name);
    const handlers = methods.map((route) => [camelCase(route.method.name), handler(route, connected, options)]);
    return implement(publicService(service), Object.fromEntries(handlers));
  });
}

function handler(route: Route, connected: Backends, { timeout_ms, streamTimeout_ms }: EdgeOptions) {
  if (route.method.responseStream) {
    const stream = connected.stream(route);
    return async function* (request: Uint8Array, parent: Call) {
      try {
        yield* stream(request, { parent, timeout_ms: streamTimeout_ms });
      } catch (error) {
        throw outward(error);
      }
    };
  }
  const unary = connected.unary(route);
  return async (request: Uint8Array, parent: Call) => {
    try {
      return await unary(request, { parent, timeout_ms });
    } catch (error) {
      throw outward(error);
    }
  };
}
