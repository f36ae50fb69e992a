// The Kubernetes cluster that a command works on.
import type * as Client from '@kubernetes/client-node';
import { explainNetwork, explainStatus } from './failure.ts';

export interface Cluster {
  /** The official client's module, which is big and loaded when a cluster is opened. */
  readonly client: typeof Client;
  readonly config: Client.KubeConfig;
  /** The URL of the API server. */
  readonly server: string;
  /** Whether this process runs in a pod of it, so that Services and pods can be reached by their addresses. */
  readonly isInside: boolean;
  readonly core: Client.CoreV1Api;
  readonly apps: Client.AppsV1Api;
  readonly coordination: Client.CoordinationV1Api;
  readonly discovery: Client.DiscoveryV1Api;
}

const deadline_ms = 15_000;

/**
 * By KUBECONFIG, ~/.kube/config or, in a pod, its service account. Every request has a deadline; one that fails rejects with
 * one line that says what was asked and why not. A refusal is an ApiException with the HTTP status as its `code`.
 */
export async function openCluster(): Promise<Cluster> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromDefault();
  const server = config.getCurrentCluster()?.server;
  // What the client makes up when there is nothing.
  if (!server || config.getCurrentUser()?.name === 'user')
    throw new Error('no cluster: there is neither KUBECONFIG nor ~/.kube/config with a current context');
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(server, {}),
    authMethods: { default: config },
    httpApi: client.wrapHttpLibrary(patientHttp(client, server)),
  });
  return {
    client,
    config,
    server,
    isInside: config.getCurrentContext() === 'inClusterContext',
    core: new client.CoreV1Api(configuration),
    apps: new client.AppsV1Api(configuration),
    coordination: new client.CoordinationV1Api(configuration),
    discovery: new client.DiscoveryV1Api(configuration),
  };
}

function patientHttp(client: typeof Client, server: string): Client.PromiseHttpLibrary {
  const http = new client.IsomorphicFetchHttpLibrary();
  return {
    async send(request) {
      const signals = [request.getSignal(), AbortSignal.timeout(deadline_ms)].filter((one) => one !== undefined);
      request.setSignal(AbortSignal.any(signals));
      const asked = `${request.getHttpMethod()} ${new URL(request.getUrl()).pathname}`;
      const response = await http
        .send(request)
        .toPromise()
        .catch((error: unknown) => Promise.reject(explainNetwork(server, error)));
      const { httpStatusCode: code, headers } = response;
      if (code < 400) return response;
      const body = await response.body.text();
      const refusal = new client.ApiException(code, '', body, headers);
      refusal.message = explainStatus(asked, code, body);
      throw refusal;
    },
  };
}
