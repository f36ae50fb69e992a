import { fileURLToPath } from 'node:url';
import { experimental } from '@grpc/grpc-js';
import type { EndpointAddress, EndpointSource } from './endpoints.ts';
import { dnsSource } from './sources/dns.ts';
import { fileSource } from './sources/file.ts';
import { type KubernetesService, kubernetesSource } from './sources/kubernetes.ts';
import { staticSource } from './sources/static.ts';

/** What a target means. */
export interface Target {
  /** Whose endpoints: the name by which metrics know it. */
  readonly service: string;
  /** The server's name, for TLS and the authority of calls. */
  readonly authority: string;
  readonly source: EndpointSource;
}

type Uri = experimental.GrpcUri;

/** By scheme; each throws an error that says what the target should look like. */
export const targets: Readonly<Record<string, (uri: Uri) => Target>> = {
  file: fileTarget,
  kubernetes: kubernetesTarget,
  static: staticTarget,
  'assent-dns': dnsTarget,
};

// file:///run/endpoints.json#inventory
function fileTarget(uri: Uri): Target {
  const url = new URL(experimental.uriToString(uri));
  const service = decodeURIComponent(url.hash.slice(1));
  if (service === '') throw new Error(`${url.href} names no service: file:///path/to/endpoints.json#service`);
  url.hash = '';
  return { service, authority: service, source: fileSource(fileURLToPath(url), { service, port: '' }) };
}

// kubernetes:///inventory.shop:grpc
function kubernetesTarget(uri: Uri): Target {
  const { service, namespace, port } = kubernetesService(uri);
  const source = kubernetesSource({ service, namespace, port });
  return { service, authority: `${service}.${namespace}.svc`, source };
}

/** Whose endpoints a target of that scheme means. */
export function kubernetesService(uri: Uri): KubernetesService {
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const parts = new RegExp(`^(${label})\\.(${label})(?::(${label}))?$`).exec(uri.path);
  if (!parts || uri.authority)
    throw misshapen(uri, 'kubernetes:///service.namespace:port, the port a name or a number');
  const [, service = '', namespace = '', port = ''] = parts;
  return { service, namespace, port };
}

// static:///10.0.0.1:50051,10.0.0.2:50051
function staticTarget(uri: Uri): Target {
  const endpoints = uri.path.split(',').map((text): EndpointAddress => {
    const { host, port } = experimental.splitHostPort(text) ?? {};
    if (!host || !isPort(port) || uri.authority) throw misshapen(uri, 'static:///host:port,[address]:port');
    return { host, port };
  });
  return { service: '', authority: uri.path.split(',')[0]!, source: staticSource(endpoints) };
}

// assent-dns:///inventory.example:50051, assent-dns:///_grpc._tcp.inventory.example, either with //server/ to ask that one
function dnsTarget(uri: Uri): Target {
  const { host: name, port } = experimental.splitHostPort(uri.path) ?? {};
  const isService = name?.startsWith('_') ?? false;
  if (!name || isPort(port) === isService || (isService && port !== undefined)) {
    throw misshapen(uri, 'assent-dns:///host:port, or assent-dns:///_service._proto.name for SRV records');
  }
  const source = dnsSource({ name, port, server: uri.authority || undefined });
  return { service: name, authority: isService ? name.replace(/^(_[^.]*\.)+/, '') : uri.path, source };
}

function isPort(port: number | undefined): port is number {
  return port !== undefined && port > 0 && port < 65_536;
}

function misshapen(uri: Uri, shape: string): Error {
  return new Error(`${experimental.uriToString(uri)} is not like ${shape}`);
}
