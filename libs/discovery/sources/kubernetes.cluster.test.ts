// Against a real cluster: the one that KUBECONFIG names, in a namespace of its own, which is removed afterwards.
// Without KUBECONFIG nothing runs, whatever is in ~/.kube.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type * as Client from '@kubernetes/client-node';
import { record, until } from '../testing/recorder.ts';
import { kubernetesSource } from './kubernetes.ts';
import { type SliceChange, sliceApi } from './kubernetes-api.ts';

const { KUBECONFIG, CONTROL_PLANE } = process.env;
const withCluster = KUBECONFIG ? describe : describe.skip;
/** A command that takes `kill` and `start`. */
const withControlPlane = CONTROL_PLANE ? test : test.skip;
const PATIENCE_MS = 120_000;

const namespace = `discovery-${randomBytes(4).toString('hex')}`;
const pace = {
  relist_ms: 600_000,
  silence_ms: 90_000,
  steady_ms: 5_000,
  settle_ms: 50,
  base_ms: 200,
  cap_ms: 1_000,
};

withCluster(`EndpointSlices of a real API server${KUBECONFIG ? '' : ' (skipped: KUBECONFIG names no cluster)'}`, () => {
  let client: typeof Client;
  let config: Client.KubeConfig;
  let slices: Client.DiscoveryV1Api;
  const started: { stop(): void }[] = [];

  beforeAll(async () => {
    client = await import('@kubernetes/client-node');
    config = new client.KubeConfig();
    config.loadFromDefault();
    slices = config.makeApiClient(client.DiscoveryV1Api);
    await config.makeApiClient(client.CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  }, PATIENCE_MS);

  afterEach(() => {
    for (const { stop } of started.splice(0)) stop();
  });

  afterAll(async () => {
    await config.makeApiClient(client.CoreV1Api).deleteNamespace({ name: namespace });
  }, PATIENCE_MS);

  function follow(service: string) {
    const seen = record(kubernetesSource({ service, namespace, port: 'grpc' }, pace));
    started.push(seen);
    return {
      ...seen,
      has: (...hosts: string[]) =>
        has(
          seen,
          hosts.map((host) => `${host}:50051`),
        ),
    };
  }

  const has = (seen: ReturnType<typeof record>, wanted: string[]) =>
    until(
      () => JSON.stringify([...(seen.last() ?? ['nothing'])].sort()) === JSON.stringify(wanted),
      `${wanted}`,
      PATIENCE_MS,
    );

  interface Condition {
    ready: boolean;
    serving?: boolean;
    terminating?: boolean;
  }

  function slice(service: string, name: string, endpoints: Record<string, Condition>): Client.V1EndpointSlice {
    return {
      metadata: { name: `${service}-${name}`, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      ports: [{ name: 'grpc', port: 50051, protocol: 'TCP' }],
      endpoints: Object.entries(endpoints).map(([host, conditions]) => ({
        addresses: [host],
        conditions,
        zone: 'north',
      })),
    };
  }

  async function headless(name: string, more: Client.V1ServiceSpec = {}): Promise<void> {
    const spec = { clusterIP: 'None', ports: [{ name: 'grpc', port: 50051 }], ...more };
    await config
      .makeApiClient(client.CoreV1Api)
      .createNamespacedService({ namespace, body: { metadata: { name }, spec } });
  }

  const create = (body: Client.V1EndpointSlice) => slices.createNamespacedEndpointSlice({ namespace, body });
  const replace = (body: Client.V1EndpointSlice) =>
    slices.replaceNamespacedEndpointSlice({ namespace, name: body.metadata?.name ?? '', body });
  const remove = (service: string, name: string) =>
    slices.deleteNamespacedEndpointSlice({ namespace, name: `${service}-${name}` });

  const up = { ready: true, serving: true, terminating: false };
  const leaving = { ready: false, serving: true, terminating: true };
  const starting = { ready: false, serving: false, terminating: false };

  test(
    'are merged, each endpoint once, and followed as they change',
    async () => {
      await headless('inventory');
      await create(
        slice('inventory', 'a', { '10.9.0.1': up, '10.9.0.2': up, '10.9.0.3': leaving, '10.9.0.4': starting }),
      );
      await create(slice('inventory', 'b', { '10.9.0.2': up, '10.9.0.5': up }));
      await create(slice('other', 'a', { '10.9.0.9': up }));
      const seen = follow('inventory');
      await seen.has('10.9.0.1', '10.9.0.2', '10.9.0.5');
      await create(slice('inventory', 'c', { '10.9.0.6': up }));
      await seen.has('10.9.0.1', '10.9.0.2', '10.9.0.5', '10.9.0.6');
      await replace(slice('inventory', 'a', { '10.9.0.1': leaving }));
      await seen.has('10.9.0.2', '10.9.0.5', '10.9.0.6');
      await remove('inventory', 'b');
      await seen.has('10.9.0.6');
      await replace(slice('inventory', 'c', { '10.9.0.6': starting }));
      await seen.has('10.9.0.1');
      await remove('inventory', 'a');
      await seen.has('10.9.0.6');
      expect(seen.warnings.at(-1)).toContain('none of its endpoints is ready');
      await remove('inventory', 'c');
      await seen.has();
      expect(seen.failures).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'come with bookmarks, from a version that is known; an old one has expired',
    async () => {
      const api = await sliceApi({ service: 'quiet', namespace }, 90_000);
      const { version } = await api.list(AbortSignal.timeout(PATIENCE_MS));
      const changes: SliceChange[] = [];
      const watch = (from: string) =>
        api.watch(
          { version: from, timeout_ms: 6_000 },
          (change) => changes.push(change),
          AbortSignal.timeout(PATIENCE_MS),
        );
      // A bookmark tells of a newer version, so something of another service has to happen.
      const [end] = await Promise.all([watch(version), create(slice('noise', 'a', { '10.9.0.1': up }))]);
      expect(end).toBe('ENDED');
      expect(changes.map(({ type }) => type)).toContain('BOOKMARK');
      expect(await watch('1')).toBe('EXPIRED');
    },
    PATIENCE_MS,
  );

  test(
    'need the verbs list and watch, and nothing else',
    async () => {
      await create(slice('guarded', 'a', { '10.9.0.1': up }));
      const restore = await actAsServiceAccount('caller');
      try {
        const seen = follow('guarded');
        await until(() => seen.failures.length > 0, 'a refusal', PATIENCE_MS);
        expect(seen.failures[0]).toContain('HTTP 403');
        expect(seen.failures[0]).toContain('cannot list resource "endpointslices"');
        expect(seen.failures[0]).toContain('a Role must allow the verbs list and watch on endpointslices');
        await allow('caller');
        await seen.has('10.9.0.1');
        await replace(slice('guarded', 'a', { '10.9.0.2': up }));
        await seen.has('10.9.0.2');
      } finally {
        restore();
      }
    },
    PATIENCE_MS,
  );

  test(
    'of pods come and go with them',
    async () => {
      const labels = { app: 'pods' };
      await headless('pods', { selector: labels });
      const apps = config.makeApiClient(client.AppsV1Api);
      const container = { name: 'pause', image: 'registry.k8s.io/pause:3.10', imagePullPolicy: 'IfNotPresent' };
      const template = { metadata: { labels }, spec: { containers: [container], terminationGracePeriodSeconds: 1 } };
      const body = { metadata: { name: 'pods' }, spec: { replicas: 3, selector: { matchLabels: labels }, template } };
      await apps.createNamespacedDeployment({ namespace, body });
      const seen = follow('pods');
      await until(() => seen.last()?.length === 3, 'three pods', PATIENCE_MS);
      const scale = { metadata: { name: 'pods', namespace }, spec: { replicas: 1 } };
      await apps.replaceNamespacedDeploymentScale({ namespace, name: 'pods', body: scale });
      await until(() => seen.last()?.length === 1, 'one pod', PATIENCE_MS);
      expect(seen.updates[0]).toEqual([]);
      expect(seen.failures).toEqual([]);
    },
    PATIENCE_MS,
  );

  const reason = CONTROL_PLANE ? '' : ' (skipped: CONTROL_PLANE is no command that takes kill and start)';
  withControlPlane(
    `stay what they were while the API server is dead, and change when it lives${reason}`,
    async () => {
      await create(slice('steady', 'a', { '10.9.0.1': up }));
      const seen = follow('steady');
      await seen.has('10.9.0.1');
      execFileSync(CONTROL_PLANE!, ['kill'], { stdio: 'ignore' });
      try {
        await until(() => seen.failures.length > 3, 'failures', PATIENCE_MS);
        expect(seen.updates).toHaveLength(1);
      } finally {
        execFileSync(CONTROL_PLANE!, ['start'], { stdio: 'ignore' });
      }
      await replace(slice('steady', 'a', { '10.9.0.2': up }));
      await seen.has('10.9.0.2');
    },
    2 * PATIENCE_MS,
  );

  /** KUBECONFIG is that of a new service account, until it is restored. */
  async function actAsServiceAccount(name: string): Promise<() => void> {
    const core = config.makeApiClient(client.CoreV1Api);
    await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name } } });
    const body = { spec: { audiences: [], expirationSeconds: 600 } } as unknown as Client.AuthenticationV1TokenRequest;
    const { status } = await core.createNamespacedServiceAccountToken({ namespace, name, body });
    const directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    const own = new client.KubeConfig();
    own.loadFromClusterAndUser(config.getCurrentCluster()!, { name, token: status?.token ?? '' });
    writeFileSync(join(directory, 'config'), own.exportConfig(), { mode: 0o600 });
    process.env.KUBECONFIG = join(directory, 'config');
    return () => {
      process.env.KUBECONFIG = KUBECONFIG;
      rmSync(directory, { recursive: true });
    };
  }

  async function allow(account: string): Promise<void> {
    const rbac = config.makeApiClient(client.RbacAuthorizationV1Api);
    const metadata = { name: account };
    const rules = [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account };
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
    await rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
  }
});
