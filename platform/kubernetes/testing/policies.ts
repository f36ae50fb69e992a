// What NetworkPolicies say, as the API's documentation has it: what is selected by none may all, what is selected by some only what
// one of them allows; and a connection takes both ends. Only as much of it as the chart uses.
import { BlockList } from 'node:net';
import type {
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1ObjectMeta,
  V1PodSpec,
} from '@kubernetes/client-node';

export type Direction = 'Ingress' | 'Egress';

/** One end of a connection. */
export interface Place {
  /** For people. */
  readonly name: string;
  readonly namespace: string;
  /** Empty for what is no pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** By name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly address?: string;
}

type Labels = Readonly<Record<string, string>>;

export function isAllowed(policies: readonly V1NetworkPolicy[], from: Place, to: Place, port: number): boolean {
  return isOpen(policies, 'Egress', from, to, port) && isOpen(policies, 'Ingress', to, from, port);
}

/** Whether one end lets the other through. @param port of the one that is called */
function isOpen(
  policies: readonly V1NetworkPolicy[],
  direction: Direction,
  self: Place,
  other: Place,
  port: number,
): boolean {
  const own = policies.filter((policy) => selects(policy, self) && policy.spec?.policyTypes?.includes(direction));
  if (own.length === 0) return true;
  const called = direction === 'Ingress' ? self : other;
  return own.some((policy) =>
    rulesOf(policy, direction).some(
      ({ peers, ports }) =>
        (!ports?.length || ports.some((one) => portOf(one, called) === port)) &&
        (!peers?.length || peers.some((peer) => isPeer(peer, other, policy.metadata?.namespace))),
    ),
  );
}

export function selects({ metadata, spec }: V1NetworkPolicy, { namespace, labels }: Place): boolean {
  return metadata?.namespace === namespace && matches(spec?.podSelector, labels);
}

export interface Rule {
  readonly peers: readonly V1NetworkPolicyPeer[] | undefined;
  readonly ports: readonly V1NetworkPolicyPort[] | undefined;
}

export function rulesOf({ spec }: V1NetworkPolicy, direction: Direction): Rule[] {
  if (direction === 'Ingress') return (spec?.ingress ?? []).map(({ _from, ports }) => ({ peers: _from, ports }));
  return (spec?.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

/** Undefined when the called has no port of that name. */
export function portOf({ port }: V1NetworkPolicyPort, called: Place): number | undefined {
  return typeof port === 'string' ? called.ports[port] : port;
}

function isPeer(peer: V1NetworkPolicyPeer, other: Place, namespace: string | undefined): boolean {
  if (peer.ipBlock) return isIn(peer.ipBlock.cidr, other.address);
  if (Object.keys(other.labels).length === 0) return false;
  const isNear = peer.namespaceSelector
    ? matches(peer.namespaceSelector, { 'kubernetes.io/metadata.name': other.namespace })
    : other.namespace === namespace;
  return isNear && (!peer.podSelector || matches(peer.podSelector, other.labels));
}

function isIn(cidr: string, address: string | undefined): boolean {
  const [network, bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network ?? '', Number(bits));
  return address !== undefined && list.check(address);
}

export function matches(
  selector: { matchLabels?: Labels; matchExpressions?: unknown } | undefined,
  labels: Labels,
): boolean {
  if (selector?.matchExpressions) throw new Error('matchExpressions: not expected of the chart');
  return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

/** A pod as a place. */
export function placeOf(metadata: V1ObjectMeta | undefined, spec: V1PodSpec | undefined, namespace: string): Place {
  const ports = (spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const labels = metadata?.labels ?? {};
  return {
    name: labels['app.kubernetes.io/component'] ?? 'unnamed',
    namespace,
    labels,
    ports: Object.fromEntries(ports.map(({ name, containerPort }) => [name ?? String(containerPort), containerPort])),
  };
}
