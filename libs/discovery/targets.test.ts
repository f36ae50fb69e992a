import { expect, test } from '@jest/globals';
import { targets } from './targets.ts';

// As grpc-js takes a target apart.
function understood(target: string) {
  const [, scheme, authority, path] = /^([^:]+):\/\/([^/]*)\/(.*)$/.exec(target)!;
  return targets[scheme!]!({ scheme: scheme!, authority: authority!, path: path! });
}

test.each([
  ['kubernetes:///inventory', 'kubernetes:///service.namespace:port'],
  ['kubernetes:///inventory.shop:50051/x', 'kubernetes:///service.namespace:port'],
  ['kubernetes:///inventory.shop.svc', 'kubernetes:///service.namespace:port'],
  ['kubernetes://cluster/inventory.shop', 'kubernetes:///service.namespace:port'],
  ['static:///10.0.0.1', 'static:///host:port'],
  ['static:///10.0.0.1:1,', 'static:///host:port'],
  ['static:///10.0.0.1:65536', 'static:///host:port'],
  ['assent-dns:///inventory.test', 'assent-dns:///host:port'],
  ['assent-dns:///inventory.test:0', 'assent-dns:///host:port'],
  ['assent-dns:///_grpc._tcp.inventory.test:50051', 'for SRV records'],
  ['file:///endpoints.json', 'file:///path/to/endpoints.json#service'],
])('%s is refused in words', (target, words) => {
  expect(() => understood(target)).toThrow(words);
});

test.each([
  ['kubernetes:///inventory.shop:grpc', 'inventory', 'inventory.shop.svc'],
  ['kubernetes:///inventory.shop:50051', 'inventory', 'inventory.shop.svc'],
  ['kubernetes:///inventory.shop', 'inventory', 'inventory.shop.svc'],
  ['static:///10.0.0.1:1,[::1]:2', '', '10.0.0.1:1'],
  ['assent-dns:///inventory.test:50051', 'inventory.test', 'inventory.test:50051'],
  ['assent-dns://127.0.0.1:53/_grpc._tcp.inventory.test', '_grpc._tcp.inventory.test', 'inventory.test'],
  ['file:///endpoints.json#inventory', 'inventory', 'inventory'],
])('%s means the service "%s" at servers named %s', (target, service, authority) => {
  expect(understood(target)).toMatchObject({ service, authority });
});
