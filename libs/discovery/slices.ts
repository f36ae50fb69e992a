// Kubernetes EndpointSlices: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import * as z from 'zod';
import type { EndpointAddress } from './endpoints.ts';

const Conditions = z.object({
  ready: z.boolean().nullish(),
  serving: z.boolean().nullish(),
  terminating: z.boolean().nullish(),
});

const Slice = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).nullish() }),
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  ports: z.array(z.object({ name: z.string().nullish(), port: z.int().min(1).max(65535) })).nullish(),
  endpoints: z.array(z.object({ addresses: z.array(z.string()).min(1), conditions: Conditions.nullish() })).nullish(),
});

const SliceList = z.object({ items: z.array(Slice) });

export type EndpointSlice = z.infer<typeof Slice>;
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** The slices of an EndpointSliceList in JSON. Throws an error that says what is wrong with it. */
export function parseSlices(json: string): EndpointSlice[] {
  const parsed = SliceList.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll(/\s+/g, ' '));
  return parsed.data.items;
}

/**
 * Where calls to the service may go: every ready endpoint of all its slices, once. When none is ready, those that
 * terminate but still serve, because a call that may be refused is better than one that is.
 */
export function endpointsOf(slices: readonly EndpointSlice[], service: string): EndpointAddress[] {
  const own = new Map(slices.filter((slice) => belongsTo(slice, service)).map((slice) => [slice.metadata.name, slice]));
  const ready = addresses(own.values(), isReady);
  return ready.length > 0 ? ready : addresses(own.values(), isServingStill);
}

function belongsTo({ metadata, addressType }: EndpointSlice, service: string): boolean {
  return addressType !== 'FQDN' && metadata.labels?.['kubernetes.io/service-name'] === service;
}

// "A nil value should be interpreted as ready" and "defer to the ready condition".
const isReady = ({ conditions }: Endpoint) => conditions?.ready ?? true;
const isServingStill = ({ conditions }: Endpoint) => conditions?.serving === true && conditions.terminating === true;

// An endpoint can be in two slices for a while, when it moves from one to the other.
function addresses(slices: Iterable<EndpointSlice>, wanted: (endpoint: Endpoint) => boolean): EndpointAddress[] {
  const found = new Map<string, EndpointAddress>();
  for (const slice of slices) {
    const port = grpcPort(slice);
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      // The addresses of one endpoint are fungible: the first stands for all.
      if (wanted(endpoint)) found.set(`${endpoint.addresses[0]} ${port}`, { host: endpoint.addresses[0]!, port });
    }
  }
  return [...found.values()];
}

function grpcPort({ ports }: EndpointSlice): number | undefined {
  const named = ports?.find(({ name }) => name === 'grpc');
  return (named ?? (ports?.length === 1 ? ports[0] : undefined))?.port;
}
