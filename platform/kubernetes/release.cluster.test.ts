// A release as the chart makes it, on a real cluster: who is refused, and whether its network policies fit what is there.

import { callersOf } from '@assent/rpc';
import { createAuthority } from '@assent/testing/certificates';
import { beforeAll, expect, test } from '@jest/globals';
import { loadYaml, type V1NetworkPolicyList, type V1PodList } from '@kubernetes/client-node';
import {
  apply,
  install,
  kubectl,
  namespaceObject,
  namespaces,
  object,
  onCluster,
  patience_ms,
} from './testing/live.ts';
import { type Place, placeOf, portOf, rulesOf, selects } from './testing/policies.ts';
import type { Answer, HttpCall, RpcCall } from './testing/probe.ts';
import { directoryOf, probe } from './testing/probing.ts';
import { methodsOf, served, services } from './testing/table.ts';

onCluster('A release', () => {
  const { shop, other } = namespaces('shop', 'other');
  const nameOf = (service: string) => `assent-${service}.${shop}.svc`;
  const account = (name: string) => `system:serviceaccount:${other}:${name}`;
  let answers: ReadonlyMap<string, Answer>;

  beforeAll(async () => {
    apply(namespaceObject(shop), namespaceObject(other));
    const { issuer } = JSON.parse(kubectl('get', '--raw', '/.well-known/openid-configuration'));
    const oidc = { issuer, kubernetes: true, audience: 'assent', claims: [`sub=${account('alice')}`] };
    const values = { defaults: { replicas: 1 }, redis: { mode: 'embedded' }, edge: { oidc } };
    install(shop, 'assent', values, '--wait', '--timeout', `${patience_ms / 1000}s`);
    const authorities = await steal();
    const { rpc, http } = { rpc: [...strangers(), ...matrix(), ...liars()], http: operators() };
    answers = new Map(probe(other, { rpc, http }, authorities).map((answer) => [answer.about, answer]));
  }, 3 * patience_ms);

  /** Puts the certificates of all services beside the pod from outside, and one by an authority that nobody knows. */
  async function steal(): Promise<string[]> {
    const secret = (name: string, data: object) =>
      object('Secret', other, name, { type: 'kubernetes.io/tls', ...data });
    const own = services.map((service) => {
      const { data } = JSON.parse(kubectl('get', 'secret', `assent-${service}-tls`, '-n', shop, '-o', 'json'));
      return secret(service, { data });
    });
    const ca = kubectl(
      'get',
      'secret',
      'assent-ca',
      '-n',
      shop,
      '-o',
      'go-template={{index .data "tls.crt" | base64decode}}',
    );
    const forged = await (await createAuthority()).issue([nameOf('gateway')]);
    const stringData = { 'tls.crt': forged.cert, 'tls.key': forged.key, 'ca.crt': ca };
    apply(...own, secret('forged', { stringData }));
    return [...services, 'forged'];
  }

  const withCertificate = (secret: string) => ({ tls: true, directory: directoryOf(secret), isShown: true }) as const;
  const firstMethod = (service: string) => methodsOf(service)[0]!;

  /** Without a certificate of the release, at each Service and at each pod. */
  function strangers(): RpcCall[] {
    const pods = JSON.parse(kubectl('get', 'pods', '-n', shop, '-o', 'json')).items as Pod[];
    return Object.keys(served).flatMap((service) => {
      const pod = pods.find(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === service);
      const calls = {
        'plain text': { tls: false },
        'no certificate': { tls: true, directory: directoryOf('gateway'), isShown: false },
        'another authority': withCertificate('forged'),
      } as const;
      return Object.entries(calls).flatMap(([way, as]) =>
        [nameOf(service), pod?.status.podIP].map((host, at) => ({
          about: `${way} ${service} ${at === 0 ? 'Service' : 'pod'}`,
          target: `${host}:50051`,
          as,
          name: nameOf(service),
          method: firstMethod(service),
        })),
      );
    });
  }

  /** Each service's certificate at each method of each service. */
  function matrix(): RpcCall[] {
    return services.flatMap((caller) =>
      Object.keys(served).flatMap((service) =>
        methodsOf(service).map((method) => ({
          about: `${caller} ${service} ${method}`,
          target: `${nameOf(service)}:50051`,
          as: withCertificate(caller),
          name: nameOf(service),
          method,
        })),
      ),
    );
  }

  /** Those who say to be somebody else. */
  function liars(): RpcCall[] {
    const at = (service: string) => ({ target: `${nameOf(service)}:50051`, name: nameOf(service) });
    const method = 'assent.coordinator.v1.CoordinatorService/GetDecisions';
    const metadata = { 'assent-operator': 'mallory' };
    return [
      { about: 'an operator by its own word', ...at('coordinator'), as: withCertificate('payment'), method, metadata },
      {
        about: 'another server',
        target: `${nameOf('inventory')}:50051`,
        name: nameOf('payment'),
        as: withCertificate('gateway'),
        method: firstMethod('payment'),
      },
    ];
  }

  function operators(): HttpCall[] {
    for (const name of ['alice', 'mallory']) kubectl('create', 'serviceaccount', name, '-n', other);
    const token = (name: string, ...words: string[]) => kubectl('create', 'token', name, '-n', other, ...words);
    const url = `http://${nameOf('gateway')}:8080/v1/transactions/01890a5d-ac96-774b-bcce-b302099a8057:retry`;
    return [
      { about: 'no token', url },
      { about: 'for the API server', url, token: token('alice') },
      { about: 'for somebody else', url, token: token('alice', '--audience', 'other') },
      { about: 'of nobody', url, token: token('mallory', '--audience', 'assent') },
      { about: 'of an operator', url, token: token('alice', '--audience', 'assent') },
    ];
  }

  const answer = (about: string) => answers.get(about);

  test.each(Object.keys(served))('%s takes nobody without a certificate of the release', (service) => {
    for (const way of ['plain text', 'no certificate', 'another authority'])
      for (const at of ['Service', 'pod'])
        expect(answer(`${way} ${service} ${at}`)).toMatchObject({ code: 'UNAVAILABLE' });
    const log = kubectl('logs', `deployment/assent-${service}`, '-n', shop);
    expect(log).toContain('a connection was refused: is it a service?');
  });

  test.each(services)('with the certificate of %s one may what the table says, and nothing else', (caller) => {
    for (const service of Object.keys(served))
      for (const method of methodsOf(service)) {
        const given = answer(`${caller} ${service} ${method}`);
        const isRefused = given?.reason === 'NOT_FOR_CALLER';
        expect({ service, method, isRefused }).toEqual({
          service,
          method,
          isRefused: !callersOf(method).includes(caller),
        });
        if (isRefused) expect(given).toMatchObject({ message: `${caller} may not call ${method}` });
        else expect(['OK', 'INVALID_ARGUMENT', 'UNAUTHENTICATED']).toContain(given?.code);
      }
  });

  test('nobody but the gateway may say who is an operator, and no service may answer for another', () => {
    const message = 'payment may not send assent-operator';
    expect(answer('an operator by its own word')).toMatchObject({ code: 'PERMISSION_DENIED', message });
    expect(answer('another server')).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('an operator is who has a token of the cluster for this audience', () => {
    expect(answer('no token')).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' });
    for (const wrong of ['for the API server', 'for somebody else'])
      expect(answer(wrong)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'TOKEN_AUDIENCE' });
    expect(answer('of nobody')).toMatchObject({ code: 'PERMISSION_DENIED', reason: 'OPERATORS_ONLY' });
    expect(answer('of an operator')).toMatchObject({ code: 'NOT_FOUND' });
  });

  test(
    'network policies select the pods that are there, and their ports are listened on',
    () => {
      const list = <T>(kind: string) => loadYaml<T>(kubectl('get', kind, '-n', shop, '-o', 'json'));
      const policies = list<V1NetworkPolicyList>('networkpolicies').items;
      const pods = list<V1PodList>('pods').items.map(({ metadata, spec }) => ({
        pod: metadata?.name ?? '',
        place: placeOf(metadata, spec, shop),
      }));
      expect(pods).toHaveLength(services.length + 2);
      for (const { pod, place } of pods) {
        const own = policies.filter((policy) => selects(policy, place));
        expect({ pod, policies: own.length }).toEqual({ pod, policies: 3 });
        const open = own.flatMap((policy) => rulesOf(policy, 'Ingress')).flatMap(({ ports = [] }) => ports);
        const ports = open.map((port) => portOf(port, place));
        expect(ports.length).toBeGreaterThan(0);
        const heard = listening(pod, place);
        expect({ pod, ports: ports.filter((port) => !heard.has(port ?? 0)) }).toEqual({ pod, ports: [] });
      }
    },
    patience_ms,
  );

  /** The TCP ports on which a pod listens: those of sockets in state 0A (https://docs.kernel.org/networking/proc_net_tcp.html). */
  function listening(pod: string, { name }: Place): ReadonlySet<number> {
    const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
    const script = `for (const table of ${JSON.stringify(tables)}) console.log(require('fs').readFileSync(table, 'utf8'))`;
    const command = services.includes(name) ? ['node', '--eval', script] : ['cat', ...tables];
    const rows = kubectl('exec', pod, '-n', shop, '--', ...command)
      .split('\n')
      .map((row) => row.trim().split(/\s+/));
    const sockets = rows.filter(([, , , state]) => state === '0A');
    return new Set(sockets.map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)));
  }
});

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly podIP: string };
}
