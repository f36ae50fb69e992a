// Of the chart's NetworkPolicies: what they allow is what is meant, and what is meant is there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadAllYaml, type V1NetworkPolicy } from '@kubernetes/client-node';
import { repository } from '../config.ts';
import { chart, hasHelm } from './testing/live.ts';
import { isAllowed, matches, type Place, portOf, rulesOf, selects } from './testing/policies.ts';
import { namespace, type Rendered, render } from './testing/rendered.ts';
import { arrows, services } from './testing/table.ts';

const kind = ['--values', join(chart, 'values-kind.yaml')];
const withDatabase = services.filter((service) => service !== 'gateway');

/** All connections that are allowed between two pods, such as `order -> inventory:grpc`. */
function allowed({ policies, pods }: Rendered, from: readonly Place[] = pods): string[] {
  const found = from.flatMap((caller) =>
    pods.flatMap((called) =>
      Object.entries(called.ports)
        .filter(([, port]) => isAllowed(policies, caller, called, port))
        .map(([port]) => `${caller.name} -> ${called.name}:${port}`),
    ),
  );
  return found.sort();
}

const to = (called: string, callers: readonly string[]) => callers.map((caller) => `${caller} -> ${called}`);
const place = (name: string, rest: Partial<Place> = {}): Place => ({ name, namespace, labels: {}, ports: {}, ...rest });
const outside = (address: string) => place('outside', { namespace: '', address });
const stranger = place('stranger', { namespace: 'other', labels: { 'app.kubernetes.io/name': 'assent' } });

(hasHelm ? describe : describe.skip)(`Network policies${hasHelm ? '' : ' (skipped: there is no helm)'}`, () => {
  test('allow the calls of the table, and those to what services need', () => {
    expect(allowed(render(...kind))).toEqual(
      [
        ...arrows,
        ...to('postgres:postgres', withDatabase),
        ...to('redis:redis', ['gateway']),
        ...to('jaeger:otlp-http', services),
        // The seed and the test.
        ...to('gateway:http', ['command', 'command']),
      ].sort(),
    );
  });

  test('let traces through a collector, when there is one', () => {
    const rendered = render('--set', 'jaeger.enabled=true,collector.enabled=true');
    expect(allowed(rendered).filter((arrow) => arrow.includes('otlp'))).toEqual(
      [...to('collector:otlp-http', services), ...to('jaeger:otlp-http', ['collector'])].sort(),
    );
  });

  test('let nobody in from elsewhere, but to the gateway, and the monitoring to the metrics', () => {
    const rendered = render(...kind);
    const near = place('near', { labels: { app: 'other' } });
    const entrance = (from: string) => [`${from} -> gateway:grpc`, `${from} -> gateway:http`];
    for (const from of [stranger, near]) expect(allowed(rendered, [from])).toEqual(entrance(from.name));
    const monitoring = place('prometheus', { namespace: 'monitoring', labels: { app: 'prometheus' } });
    const metrics = services.map((service) => `prometheus -> ${service}:metrics`);
    expect(allowed(rendered, [monitoring])).toEqual([...entrance('prometheus'), ...metrics].sort());
    const closed = render(
      ...kind,
      '--set-json',
      'networkPolicy.gatewayFrom=[{"podSelector":{"matchLabels":{"a":"b"}}}]',
    );
    expect(allowed(closed, [stranger, near])).toEqual([]);
    expect(allowed(closed)).toContain('command -> gateway:http');
  });

  test('let nobody out, but to names, and services to the API server', () => {
    const { policies, pods } = render(...kind);
    const dns = place('dns', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } });
    const reached = (from: Place, called: Place, ports: readonly number[]) =>
      ports.filter((port) => isAllowed(policies, from, called, port));
    for (const pod of pods) {
      expect(reached(pod, dns, [22, 53, 443])).toEqual(services.includes(pod.name) ? [53, 443] : [53]);
      const some = reached(pod, outside('203.0.113.1'), [22, 53, 80, 443, 4318, 5432, 6379, 6443, 8080, 50051]);
      expect({ pod: pod.name, some }).toEqual({ pod: pod.name, some: services.includes(pod.name) ? [443, 6443] : [] });
    }
    const byNames = render('--set', 'discovery=dns');
    for (const pod of byNames.pods)
      expect([443, 6443].filter((port) => isAllowed(byNames.policies, pod, outside('203.0.113.1'), port))).toEqual([]);
  });

  test('let services out to databases where they are said to be', () => {
    const database = 'secretName=databases,postgres.external.cidrs={10.1.0.0/16},postgres.external.port=5433';
    const redis = 'secretName=redis,redis.external.cidrs={10.2.0.0/16}';
    const { policies, pods } = render(
      '--set',
      `postgres.mode=external,postgres.external.${database},redis.mode=external,redis.external.${redis}`,
    );
    const reach = (address: string, port: number) =>
      pods.filter((pod) => isAllowed(policies, pod, outside(address), port)).map(({ name }) => name);
    expect(reach('10.1.2.3', 5433).sort()).toEqual([...withDatabase].sort());
    expect(reach('10.2.0.1', 6379)).toEqual(['gateway']);
    expect([...reach('10.3.0.1', 5433), ...reach('10.1.2.3', 5432), ...reach('10.3.0.1', 6379)]).toEqual([]);
  });

  test('let services out to where traces go, and the gateway to the issuer of its operators', () => {
    const oidc = 'issuer=https://issuer.test:8443,edge.oidc.claims={sub=a}';
    const { policies, pods } = render('--set', `traces.endpoint=http://collector.elsewhere:4319,edge.oidc.${oidc}`);
    const reach = (port: number) =>
      pods.filter((pod) => isAllowed(policies, pod, outside('203.0.113.1'), port)).map(({ name }) => name);
    expect(reach(4319).sort()).toEqual([...services].sort());
    expect(reach(8443)).toEqual(['gateway']);
    expect(reach(4318)).toEqual([]);
  });

  test('hold for every pod, in both directions', () => {
    for (const rendered of [render(), render(...kind), render(...kind, '--set', 'collector.enabled=true')])
      for (const direction of ['Ingress', 'Egress'] as const) {
        const denying = rendered.policies.filter(
          (policy) => policy.spec?.policyTypes?.includes(direction) && rulesOf(policy, direction).length === 0,
        );
        const open = rendered.pods.filter((pod) => !denying.some((policy) => selects(policy, pod)));
        expect({ direction, open }).toEqual({ direction, open: [] });
      }
  });

  test('name no pod and no port that is not there', () => {
    for (const rendered of [render(...kind), render('--set', 'jaeger.enabled=true,collector.enabled=true')])
      expect(nowhere(rendered)).toEqual([]);
  });

  test('open the databases to chaos, which checks them', () => {
    const rendered = render(...kind);
    const texts = loadAllYaml(readFileSync(join(repository, 'k8s/chaos.yaml'), 'utf8')) as (V1NetworkPolicy & {
      kind: string;
    })[];
    const own = texts
      .filter((one) => one.kind === 'NetworkPolicy')
      .map((policy) => ({ ...policy, metadata: { ...policy.metadata, namespace } }));
    const chaos = place('chaos', { labels: { 'app.kubernetes.io/name': 'assent-chaos' } });
    const found = allowed({ ...rendered, policies: [...rendered.policies, ...own] }, [chaos]);
    expect(found).toEqual(['chaos -> gateway:grpc', 'chaos -> gateway:http', 'chaos -> postgres:postgres']);
  });

  test('and Services lead to ports that pods have', () => {
    const rendered = render(...kind);
    const found = rendered.services.flatMap(({ metadata, spec }) =>
      (spec?.ports ?? []).map(({ targetPort }) => {
        const behind = rendered.pods.filter((pod) => matches({ matchLabels: spec?.selector ?? {} }, pod.labels));
        return { service: metadata?.name, pods: behind.map((pod) => pod.ports[String(targetPort)] !== undefined) };
      }),
    );
    expect(found.length).toBeGreaterThan(10);
    for (const service of found) expect(service).toEqual({ ...service, pods: [true] });
  });
});

/** Peers that select no pod of the release, and ports that none of the called has, in words. */
function nowhere({ policies, pods }: Rendered): string[] {
  return policies.flatMap((policy) =>
    (['Ingress', 'Egress'] as const).flatMap((direction) =>
      rulesOf(policy, direction).flatMap(({ peers = [], ports = [] }) => {
        const near = peers.filter((peer) => peer.podSelector && !peer.namespaceSelector);
        const found = near.map((peer) => pods.filter((pod) => matches(peer.podSelector, pod.labels)));
        const called = direction === 'Ingress' ? pods.filter((pod) => selects(policy, pod)) : found.flat();
        const missing = called.flatMap((pod) =>
          ports.filter((port) => !Object.values(pod.ports).includes(portOf(port, pod) ?? -1)).map(() => pod.name),
        );
        const wrong = [...(found.some((some) => some.length === 0) ? ['a peer'] : []), ...missing];
        return wrong.map((what) => `${policy.metadata?.name}: ${direction} ${what}`);
      }),
    ),
  );
}
