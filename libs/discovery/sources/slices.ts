// Kubernetes EndpointSlices: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import * as z from 'zod';
import type { EndpointAddress } from '../endpoints.ts';

const Conditions = z.object({
  ready: z.boolean().nullish(),
  serving: z.boolean().nullish(),
  terminating: z.boolean().nullish(),
});

const SliceEndpoint = z.object({
  addresses: z.array(z.string()).min(1),
  conditions: Conditions.nullish(),
  zone: z.string().nullish(),
  targetRef: z.object({ uid: z.string().nullish() }).nullish(),
});

const Slice = z.object({
  metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).nullish() }),
  addressType: z.enum(['IPv4', 'IPv6', 'FQDN']),
  ports: z.array(z.object({ name: z.string().nullish(), port: z.int().min(1).max(65535).nullish() })).nullish(),
  endpoints: z.array(SliceEndpoint).nullish(),
});

const SliceList = z.object({ items: z.array(Slice) });

export type EndpointSlice = z.infer<typeof Slice>;
type Endpoint = z.infer<typeof SliceEndpoint>;

/** Of which service, and at which of its ports. */
export interface ServicePort {
  readonly service: string;
  /** Its name, or its number at the endpoints; '' for the one named `grpc`, or the only one. */
  readonly port: string;
}

/** The endpoints that may take new calls, and what is wrong with them, if anything is. */
export interface Found {
  readonly endpoints: readonly EndpointAddress[];
  readonly warning?: string;
}

/** The slices of an EndpointSliceList in JSON. Throws an error that says what is wrong with it. */
export function parseSlices(json: string): EndpointSlice[] {
  return parsed(SliceList, JSON.parse(json)).items;
}

/** One slice. Throws an error that says what is wrong with it. */
export function parseSlice(value: unknown): EndpointSlice {
  return parsed(Slice, value);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new Error(z.prettifyError(result.error).replaceAll(/\s+/g, ' '));
  return result.data;
}

/**
 * Where new calls to the service may go: every ready endpoint of all its slices, once. What terminates only finishes
 * what it has. When none is ready, a call that may be refused is better than one that is: then those that terminate but
 * still serve; and when there are none, those that aren't ready (panic mode), but never one that is gone already.
 */
export function endpointsOf(slices: Iterable<EndpointSlice>, { service, port }: ServicePort): Found {
  // Each slice once, the later one if there are two; and those of IPv4 first.
  const own = new Map<string, EndpointSlice>();
  for (const slice of slices) if (belongsTo(slice, service)) own.set(slice.metadata.name, slice);
  const sorted = [...own.values()].sort((a, b) => a.addressType.localeCompare(b.addressType));
  for (const { wanted, warning } of tiers) {
    const endpoints = addresses(sorted, port, wanted);
    if (endpoints.length > 0) return warning ? { endpoints, warning: `${service}: ${warning}` } : { endpoints };
  }
  return { endpoints: [] };
}

function belongsTo({ metadata, addressType }: EndpointSlice, service: string): boolean {
  return addressType !== 'FQDN' && metadata.labels?.['kubernetes.io/service-name'] === service;
}

// "A nil value should be interpreted as ready", and for serving "defer to the ready condition".
const isReady = ({ conditions }: Endpoint) => conditions?.ready ?? true;
const isServing = (endpoint: Endpoint) => endpoint.conditions?.serving ?? isReady(endpoint);
const isTerminating = ({ conditions }: Endpoint) => conditions?.terminating ?? false;

const tiers: readonly { wanted(endpoint: Endpoint): boolean; warning?: string }[] = [
  { wanted: (endpoint) => isReady(endpoint) && !isTerminating(endpoint) },
  // Also an orderly end of all of them: nothing to be told.
  { wanted: (endpoint) => isServing(endpoint) && isTerminating(endpoint) },
  { wanted: (endpoint) => !isTerminating(endpoint), warning: 'none of its endpoints is ready; all of them get calls' },
];

// An endpoint can be in two slices for a while, when it moves from one to the other; and a pod with addresses of both
// families is in a slice of each.
function addresses(
  slices: readonly EndpointSlice[],
  port: string,
  wanted: (endpoint: Endpoint) => boolean,
): EndpointAddress[] {
  const found = new Map<string, EndpointAddress>();
  const pods = new Map<string, string>();
  for (const slice of slices) {
    const number = portNumber(slice, port);
    if (number === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (!wanted(endpoint)) continue;
      // The addresses of one endpoint are fungible: the first stands for all.
      const host = endpoint.addresses[0]!;
      const uid = endpoint.targetRef?.uid;
      if (uid && (pods.get(uid) ?? slice.addressType) !== slice.addressType) continue;
      if (uid) pods.set(uid, slice.addressType);
      found.set(`${host} ${number}`, { host, port: number, ...(endpoint.zone && { zone: endpoint.zone }) });
    }
  }
  return [...found.values()];
}

function portNumber({ ports }: EndpointSlice, wanted: string): number | undefined {
  const found = ports?.find(({ name, port }) => (wanted === '' ? name === 'grpc' : [name, `${port}`].includes(wanted)));
  return (found ?? (wanted === '' && ports?.length === 1 ? ports[0] : undefined))?.port ?? undefined;
}
