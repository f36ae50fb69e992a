// What an operator may get wrong, on a real cluster: the pod says what is wrong, isn't ready, and has begun nothing.
import { createAuthority } from '@assent/testing/certificates';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  apply,
  isOnNodes,
  kubectl,
  namespaceObject,
  namespaces,
  object,
  onCluster,
  patience_ms,
} from './testing/live.ts';
import {
  databaseSecret,
  described,
  expose,
  installSingle,
  logged,
  restart,
  type Single,
  sql,
  startPostgres,
  uninstall,
} from './testing/single.ts';

/** As its makers have let it go. On a cluster without a registry it must have been loaded. */
const oldPostgres = 'postgres:12';
const external = (secretName: string) => ({ postgres: { mode: 'external', external: { secretName } } });
const ended = (message: string) => new RegExp(`Reason: +Error\\n +Message: +${message}`);
/** What is not ready need not say so: the kubelet does once it has looked at the volumes. */
const ready = /\n {2}Ready +True/;

onCluster('A pod with a mistake in its configuration', () => {
  const { mistakes: namespace } = namespaces('mistakes');
  let single: Single;

  beforeAll(() => {
    apply(namespaceObject(namespace));
    startPostgres(namespace);
    apply(databaseSecret(namespace, 'plain', 'postgres'), databaseSecret(namespace, 'late', 'late'));
  }, patience_ms);

  afterEach(() => uninstall(single), patience_ms);

  const begin = (name: string, service: string, values: object, own?: object) => {
    single = { namespace, name, service };
    installSingle(single, values, own);
  };

  test(
    'waits for a Secret that is missing',
    async () => {
      begin('secret', 'order', external('nowhere'));
      const text = await described(
        single,
        /MountVolume.SetUp failed for volume "database" : secret "nowhere" not found/,
      );
      expect(text).not.toMatch(ready);
    },
    patience_ms,
  );

  test(
    'waits for a database that can not be reached, and goes on when it can',
    async () => {
      begin('late', 'order', external('late'));
      await logged(single, /waiting for the database orders on late/);
      expect(await described(single, /Restart Count: +0/)).not.toMatch(ready);
      expose(namespace, 'late');
      await described(single, ready);
    },
    patience_ms,
  );

  (isOnNodes(oldPostgres) ? test : test.skip)(
    `ends when PostgreSQL is too old (${oldPostgres})`,
    async () => {
      begin('old', 'payment', { postgres: { embedded: { image: oldPostgres } } });
      const text = await described(
        single,
        ended(
          'cannot start: database payments on .*: PostgreSQL 12[.]\\d+ is too old: use 13 or later. Nothing was changed',
        ),
      );
      expect(text).not.toMatch(ready);
      const psql = ['psql', '-h', '/var/run/postgresql', '-U', 'postgres', '-d', 'payments', '-Atc', '\\dt'];
      expect(kubectl('exec', 'old-assent-postgres-0', '-n', namespace, '--', ...psql)).toBe('');
    },
    patience_ms,
  );

  test(
    'ends when two-phase commit is switched off at its database',
    async () => {
      begin('twophase', 'inventory', external('plain'));
      const text = await described(
        single,
        ended('cannot start: .* has prepared transactions switched off: set max_prepared_transactions'),
      );
      expect(text).not.toMatch(ready);
      expect(sql(namespace, 'inventory', '\\dt')).toBe('');
    },
    patience_ms,
  );

  test(
    'ends when a newer version has closed the database to it',
    async () => {
      sql(namespace, 'postgres', 'CREATE DATABASE newer');
      sql(
        namespace,
        'newer',
        `CREATE TABLE schema_migrations (name text, number int, checksum text, applied_at timestamptz, requires text);
      INSERT INTO schema_migrations VALUES ('order', 99, '', now(), '7.3')`,
      );
      apply(
        object('Secret', namespace, 'newer', {
          stringData: { order: 'postgres://postgres:secret@postgres:5432/newer' },
        }),
      );
      begin('newer', 'order', external('newer'));
      const text = await described(
        single,
        ended(
          'cannot start: database newer on postgres:?.*: a newer version has migrated it: with order/99 it requires 7.3, and this is',
        ),
      );
      expect(text).not.toMatch(ready);
      expect(sql(namespace, 'newer', '\\dt')).toBe('public|schema_migrations|table|postgres');
    },
    patience_ms,
  );

  test(
    'ends when its image is of another version than the chart',
    async () => {
      begin('version', 'order', external('plain'), { env: { EXPECTED_VERSION: '7.3.0' } });
      const text = await described(
        single,
        ended('EXPECTED_VERSION: the chart is for version 7.3.0, and this image is'),
      );
      expect(text).toMatch(/Exit Code: +78/);
      expect(text).not.toMatch(ready);
    },
    patience_ms,
  );

  test(
    'ends when its certificate has expired, or is for another',
    async () => {
      begin('certificate', 'gateway', {});
      const name = `certificate-assent-gateway.${namespace}.svc`;
      const authority = await createAuthority();
      const put = async (names: string[], to_ms?: number) => {
        const issued = await authority.issue(names, to_ms === undefined ? {} : { to_ms });
        const stringData = { 'tls.crt': issued.cert, 'tls.key': issued.key, 'ca.crt': issued.ca };
        apply(object('Secret', namespace, 'certificate-assent-gateway-tls', { type: 'kubernetes.io/tls', stringData }));
        restart(single);
      };
      await put([name], -60_000);
      expect(
        await described(single, ended('cannot start: /run/secrets/tls/tls.crt has expired at .*: renew it')),
      ).not.toMatch(ready);
      await put(['certificate-assent-order.elsewhere.svc']);
      const wrong = `cannot start: /run/secrets/tls/tls.crt is for DNS:certificate-assent-order.elsewhere.svc, but must be for DNS:${name}`;
      expect(await described(single, ended(wrong))).not.toMatch(ready);
    },
    2 * patience_ms,
  );

  test(
    'waits until it may look at EndpointSlices',
    async () => {
      begin('rights', 'gateway', {});
      const binding = ['rolebinding', 'rights-assent-discovery', '-n', namespace];
      const role = kubectl('get', ...binding, '-o', 'json');
      kubectl('delete', ...binding);
      restart(single);
      await logged(
        single,
        /endpointslices.* is forbidden.*; a Role must allow the verbs list and watch on endpointslices/,
      );
      expect(await described(single, /Restart Count: +0/)).not.toMatch(ready);
      const { metadata: _, ...rest } = JSON.parse(role);
      apply(object('RoleBinding', namespace, 'rights-assent-discovery', rest));
      await described(single, ready);
    },
    patience_ms,
  );
});
