// Against a real cluster: the one that KUBECONFIG names, in a namespace of its own, which is removed afterwards.
// Without KUBECONFIG nothing runs, whatever is in ~/.kube.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, reignMigrations } from '@assent/postgres';
import { createLogger } from '@assent/telemetry';
import { eventually, openTestDatabase } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type * as Client from '@kubernetes/client-node';
import { stand } from './election.ts';
import { leaseApi } from './kubernetes.ts';
import { held, released } from './record.ts';
import { pauseLeader } from './testing/paused.ts';

const { KUBECONFIG } = process.env;
const withCluster = KUBECONFIG ? describe : describe.skip;
const patience_ms = 120_000;
const namespace = `try-lease-${randomBytes(4).toString('hex')}`;
const log = createLogger({ service: 'test', level: 'silent' });
const never = new AbortController().signal;

withCluster(`A Lease of a real API server${KUBECONFIG ? '' : ' (skipped: KUBECONFIG names no cluster)'}`, () => {
  let client: typeof Client;
  let config: Client.KubeConfig;
  let leases: Client.CoordinationV1Api;
  let database: Database & { readonly url: string };

  beforeAll(async () => {
    database = await openTestDatabase([reignMigrations]);
    client = await import('@kubernetes/client-node');
    config = new client.KubeConfig();
    config.loadFromDefault();
    leases = config.makeApiClient(client.CoordinationV1Api);
    await config.makeApiClient(client.CoreV1Api).createNamespace({ body: { metadata: { name: namespace } } });
  }, patience_ms);

  afterAll(async () => {
    await config.makeApiClient(client.CoreV1Api).deleteNamespace({ name: namespace });
    await database.close();
  }, patience_ms);

  /** As the chart makes it: without a spec. */
  async function make(name: string) {
    await leases.createNamespacedLease({ namespace, body: { metadata: { name } } });
    return { namespace, name };
  }

  test(
    'is taken, kept and given up, and only one of two that are at it gets it',
    async () => {
      const name = await make('plain');
      const api = await leaseApi(name);
      const lease = await api.read(never);
      expect(lease.record).toMatchObject({ holder: undefined, transitions: 0 });
      const now = new Date();
      const [one, other] = await Promise.all(
        ['a', 'b'].map((who) => api.replace(lease.with(held(lease.record, who, 15_000, now)), never)),
      );
      expect([one, other].filter((replaced) => replaced !== undefined)).toHaveLength(1);
      const taken = one ?? other;
      expect(taken?.record).toMatchObject({ lease_ms: 15_000, transitions: 1, acquired: now, renewed: now });
      await api.replace(taken!.with(released(taken!.record, new Date())), never);
      expect((await api.read(never)).record).toMatchObject({ holder: undefined, transitions: 1 });
    },
    patience_ms,
  );

  test(
    'does no harm when its holder is paused past it',
    async () => {
      const { harm, refusals, ends } = await pauseLeader(database, await make('paused'), { lease_s: 6, fenced: true });
      expect(harm).toBe(0);
      expect(refusals).toContain('fenced: another replica has taken over the work');
      expect(ends).toEqual([0, 0]);
    },
    patience_ms,
  );

  test(
    'needs the verbs get and update on its own name, and nothing else',
    async () => {
      const name = await make('guarded');
      const restore = await actAsServiceAccount('candidate');
      const said: string[] = [];
      const logger = { ...log, info: () => {}, warn: (message: string) => said.push(message) } as unknown as typeof log;
      const election = stand({ connect: () => leaseApi(name), candidate: 'a', log: logger });
      try {
        await eventually(() => expect(said).toHaveLength(1), patience_ms);
        expect(said[0]).toMatch(/HTTP 403: leases.* is forbidden: .*; a Role must allow the verbs get and update/);
        await allow('candidate', name.name);
        await eventually(() => expect(election.isHolder()).toBe(true), patience_ms);
      } finally {
        election.resign();
        await election.release();
        restore();
      }
      expect((await leases.readNamespacedLease(name)).spec?.holderIdentity).toBeUndefined();
    },
    patience_ms,
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

  async function allow(account: string, lease: string): Promise<void> {
    const rbac = config.makeApiClient(client.RbacAuthorizationV1Api);
    const metadata = { name: account };
    const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [lease] };
    const rules = [{ ...rule, verbs: ['get', 'update'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account };
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace }];
    await rbac.createNamespacedRole({ namespace, body: { metadata, rules } });
    await rbac.createNamespacedRoleBinding({ namespace, body: { metadata, roleRef, subjects } });
  }
});
