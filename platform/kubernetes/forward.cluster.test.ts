// Against a real cluster: the one that KUBECONFIG names, in a namespace of its own, which is removed afterwards. Without
// KUBECONFIG or helm nothing runs. Of the chart only PostgreSQL is started.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '@assent/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient } from '../check/client.ts';
import { repository } from '../config.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { type OpenDatabases, openDatabases } from './databases.ts';

const patience_ms = 180_000;
const namespace = `remote-${randomBytes(4).toString('hex')}`;
const lacking = [
  ...(process.env.KUBECONFIG ? [] : ['KUBECONFIG names no cluster']),
  ...(spawnSync('helm', ['version']).status === 0 ? [] : ['there is no helm']),
].join(', ');
const withCluster = lacking ? describe.skip : describe;

withCluster(`Databases of a real release${lacking && ` (skipped: ${lacking})`}`, () => {
  let cluster: Cluster;
  let opened: OpenDatabases;

  beforeAll(async () => {
    const settings = [
      'defaults.replicas=1',
      'defaults.nodeSelector.nowhere=here',
      'postgres.embedded.shards.inventory=2',
    ];
    const chart = ['install', 'shop', join(repository, 'helm/assent'), '--namespace', namespace, '--create-namespace'];
    const { status, stderr } = spawnSync('helm', [...chart, '--set', settings.join(',')], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    cluster = await openCluster();
    opened = await eventually(() => openDatabases(cluster, { namespace, name: 'shop' }), patience_ms);
  }, patience_ms);

  afterAll(async () => {
    await opened?.close();
    await cluster.core.deleteNamespace({ name: namespace });
  }, patience_ms);

  const ask = (name: string) =>
    withClient(
      opened.databases[name],
      async (client) => (await client.query('SELECT current_database() AS name')).rows,
    );

  test(
    'are reached by the API server, each by its own role',
    async () => {
      const names = ['inventory', 'inventory1', 'orders', 'payments', 'transactions'];
      expect(Object.keys(opened.databases).sort()).toEqual(names);
      expect((await Promise.all(names.map(ask))).flat()).toEqual(names.map((name) => ({ name })));
    },
    patience_ms,
  );

  test(
    'are reached again when their pod was killed and has a successor',
    async () => {
      await withClient(opened.databases.orders, async (client) => {
        const ended = new Promise<void>((resolve) => void client.once('end', resolve));
        await cluster.core.deleteNamespacedPod({ namespace, name: 'shop-assent-postgres-0', gracePeriodSeconds: 0 });
        await ended;
      });
      expect(await eventually(() => ask('orders'), patience_ms)).toEqual([{ name: 'orders' }]);
    },
    patience_ms,
  );
});
