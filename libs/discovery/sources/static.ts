import type { EndpointAddress, EndpointSource } from '../endpoints.ts';

/** Endpoints that never change. */
export function staticSource(endpoints: readonly EndpointAddress[]): EndpointSource {
  return (listener) => {
    const push = setImmediate(() => listener.update(endpoints));
    return { refresh() {}, stop: () => clearImmediate(push) };
  };
}
