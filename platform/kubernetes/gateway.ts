// Where the REST API of a release is.
import type { V1Service } from '@kubernetes/client-node';
import type { Cluster } from './cluster.ts';
import { openForward } from './forward.ts';
import { fullnameOf, type Release, selectorOf } from './release.ts';

export interface Gateway {
  readonly url: string;
  /** What leads there. */
  readonly by: 'URL' | 'SERVICE' | 'NODE_PORT' | 'PORT_FORWARD';
  close(): Promise<void>;
}

const probe_ms = 2000;

/**
 * Inside the cluster its Service; outside what `url` says, else a port of a node that answers, else a forward through the API
 * server, which is slower and breaks with the pod that it leads to.
 */
export async function gatewayUrl(cluster: Cluster, release: Release, url?: string): Promise<Gateway> {
  const close = async () => {};
  if (url !== undefined) return { url: url.replace(/\/+$/, '').replace(/\/v1$/, ''), by: 'URL', close };
  const { namespace } = release;
  const scheme = (await isHttps(cluster, release)) ? 'https' : 'http';
  if (cluster.isInside) {
    return { url: `${scheme}://${fullnameOf(release)}-gateway.${namespace}.svc:8080`, by: 'SERVICE', close };
  }
  // The certificate is for the name by which the world calls it, which nothing here tells.
  if (scheme === 'https') throw new Error('the gateway speaks https: name its address by --url');
  const nodePort = await findNodePort(cluster, release);
  if (nodePort !== undefined) return { url: nodePort, by: 'NODE_PORT', close };
  const forward = await openForward(cluster, { namespace, selector: selectorOf(release, 'gateway'), port: 'http' });
  return { url: `http://127.0.0.1:${forward.port}`, by: 'PORT_FORWARD', close: forward.close };
}

async function isHttps(cluster: Cluster, release: Release): Promise<boolean> {
  const { namespace, name } = release;
  const labelSelector = selectorOf(release, 'gateway');
  const { items } = await cluster.apps.listNamespacedDeployment({ namespace, labelSelector });
  if (items.length === 0)
    throw new Error(`there is no release ${name} in namespace ${namespace}; \`helm list --all-namespaces\` shows them`);
  return items.some(({ spec }) => spec?.template.spec?.volumes?.some((volume) => volume.name === 'edge-tls'));
}

/** Undefined when there is none, none answers, or one may not look for it. */
async function findNodePort(cluster: Cluster, release: Release): Promise<string | undefined> {
  try {
    const labelSelector = selectorOf(release, 'gateway');
    const services = await cluster.core.listNamespacedService({ namespace: release.namespace, labelSelector });
    const port = services.items.map(nodePortOf).find((one) => one !== undefined);
    if (port === undefined) return undefined;
    const { items: nodes } = await cluster.core.listNode();
    const addresses = nodes
      .flatMap(({ status }) => status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP');
    return await Promise.any(addresses.map(({ address }) => answering(`http://${address}:${port}`)));
  } catch {
    return undefined;
  }
}

function nodePortOf({ spec }: V1Service): number | undefined {
  return spec?.ports?.find(({ name }) => name === 'http')?.nodePort;
}

async function answering(url: string): Promise<string> {
  await fetch(`${url}/v1/products?pageSize=1`, { signal: AbortSignal.timeout(probe_ms) });
  return url;
}
