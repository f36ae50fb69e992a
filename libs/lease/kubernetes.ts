import type * as Client from '@kubernetes/client-node';
import * as z from 'zod';
import type { LeaseRecord } from './record.ts';

/** A Lease as it was read. */
export interface Lease {
  readonly record: LeaseRecord;
  /** The same Lease with another record, for `replace`. */
  with(record: LeaseRecord): Client.V1Lease;
}

/** One Lease in Kubernetes. Both throw an error of one line that says what is wrong and what to do. */
export interface LeaseApi {
  read(signal: AbortSignal): Promise<Lease>;
  /** Undefined when somebody else has changed it since it was read. */
  replace(lease: Client.V1Lease, signal: AbortSignal): Promise<Lease | undefined>;
}

/** Which one. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

const CONFLICT = 409;

/**
 * By the official client, which is big and loaded when it is needed first. It takes the cluster from KUBECONFIG,
 * ~/.kube/config or, in a pod, from its service account.
 */
export async function leaseApi({ namespace, name }: LeaseName): Promise<LeaseApi> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new Error('the kubeconfig has no current cluster');

  /** The API for one call. */
  function api(signal: AbortSignal): Client.CoordinationV1Api {
    const limited = {
      async pre(request: Client.RequestContext) {
        request.setSignal(signal);
        return request;
      },
      post: async (response: Client.ResponseContext) => response,
    };
    const baseServer = new client.ServerConfiguration(server as string, {});
    const options = { baseServer, authMethods: { default: config }, promiseMiddleware: [limited] };
    return new client.CoordinationV1Api(client.createConfiguration(options));
  }

  const failed = (verb: string, error: unknown) => {
    throw new Error(`${verb} the Lease ${namespace}/${name} at ${server}: ${explained(error)}`, { cause: error });
  };
  const parse = (lease: Client.V1Lease): Lease => ({
    record: recordOf(lease.spec),
    with: (record) => ({ ...lease, spec: { ...lease.spec, ...specOf(client.V1MicroTime, record) } }),
  });

  return {
    read: (signal) =>
      api(signal)
        .readNamespacedLease({ namespace, name })
        .then(parse, (error) => failed('get', error)),
    replace: (body, signal) =>
      api(signal)
        .replaceNamespacedLease({ namespace, name, body })
        .then(parse, (error) => (codeOf(error) === CONFLICT ? undefined : failed('update', error))),
  };
}

// The chart makes it without a spec.
function recordOf(spec: Client.V1LeaseSpec = {}): LeaseRecord {
  return {
    holder: spec.holderIdentity || undefined,
    lease_ms: (spec.leaseDurationSeconds ?? 0) * 1_000,
    acquired: timeOf(spec.acquireTime),
    renewed: timeOf(spec.renewTime),
    transitions: spec.leaseTransitions ?? 0,
  };
}

// The client says that it is a Date, and gives the text of one.
function timeOf(time: Date | string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function specOf(MicroTime: typeof Client.V1MicroTime, record: LeaseRecord) {
  const at = (time: Date | undefined) => time && new MicroTime(time);
  return {
    holderIdentity: record.holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(record.lease_ms / 1_000)),
    acquireTime: at(record.acquired),
    renewTime: at(record.renewed),
    leaseTransitions: record.transitions,
  } as Client.V1LeaseSpec;
}

// What isn't an answer of the server is an error with a cause.
const Failure = z.object({
  code: z.int().min(100).optional().catch(undefined),
  body: z.unknown().optional(),
  message: z.string().catch('failed'),
  cause: z.object({ message: z.string(), code: z.string().optional() }).optional().catch(undefined),
});
const Status = z.object({ message: z.string() });

const hints: Readonly<Record<number, string>> = {
  401: '; the token of the service account is not taken: is it of this cluster?',
  403: '; a Role must allow the verbs get and update on this one of leases of coordination.k8s.io',
  404: '; it must be there before: the chart makes one for each service',
};

function codeOf(error: unknown): number | undefined {
  return Failure.safeParse(error).data?.code;
}

function explained(error: unknown): string {
  const { code, body, message = 'failed', cause } = Failure.safeParse(error).data ?? {};
  if (code === undefined) return cause?.message || cause?.code || message;
  return `HTTP ${code}: ${messageOf(body) ?? /^Message: (.*)$/m.exec(message)?.[1] ?? ''}${hints[code] ?? ''}`;
}

function messageOf(body: unknown): string | undefined {
  try {
    return Status.safeParse(typeof body === 'string' ? JSON.parse(body) : body).data?.message;
  } catch {
    return undefined;
  }
}
