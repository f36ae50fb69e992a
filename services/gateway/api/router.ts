// Finds the route of a request.
import { type Route, routes, type Verb } from './routes.ts';

/** What is at a path: a route with the values of its path fields, other verbs, or nothing. */
export type Match =
  | { readonly type: 'route'; readonly route: Route; readonly pathValues: readonly string[] }
  | { readonly type: 'other-verbs'; readonly allowed: readonly Verb[] }
  | { readonly type: 'bad-encoding' }
  | { readonly type: 'nothing' };

interface Place {
  readonly pattern: RegExp;
  readonly routes: Partial<Record<Verb, Route>>;
}

// Those with a custom verb (`…/{order_id}:cancel`) come first, as `{order_id}` would match that too.
const places: readonly Place[] = [...Map.groupBy(routes, ({ template }) => template)]
  .sort(([a], [b]) => Number(b.includes(':')) - Number(a.includes(':')))
  .map(([template, routes]) => ({
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
    routes: Object.fromEntries(routes.map((route) => [route.verb, route])),
  }));

export function match(method: string, path: string): Match {
  for (const place of places) {
    const found = place.pattern.exec(path);
    if (!found) continue;
    const route = place.routes[method as Verb] ?? (method === 'HEAD' ? headRoute(place) : undefined);
    if (!route) return { type: 'other-verbs', allowed: Object.keys(place.routes) as Verb[] };
    try {
      return { type: 'route', route, pathValues: found.slice(1).map(decodeURIComponent) };
    } catch {
      return { type: 'bad-encoding' };
    }
  }
  return { type: 'nothing' };
}

/** HEAD is GET, but nobody wants to hear about the end of a stream. */
function headRoute({ routes }: Place): Route | undefined {
  return routes.GET?.method.responseStream ? undefined : routes.GET;
}
