import { installDiscovery } from '@assent/discovery';
import { InventoryService } from '@assent/protos';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from './client.ts';
import { readServiceConfig, type ServiceConfig } from './service-config.ts';

const service = 'assent.inventory.v1.InventoryService';
const read = (config: ServiceConfig) => readServiceConfig(config, InventoryService);
const policy = (config: ServiceConfig, method = 'GetProduct') => read(config).of(`/${service}/${method}`);

beforeAll(() => installDiscovery());

describe('a service config', () => {
  test('needs nothing', () => {
    expect(JSON.parse(read({}).channelConfig)).toEqual({ loadBalancingConfig: [{ least_loaded: {} }] });
    expect(policy({})).toEqual({
      timeout_ms: undefined,
      retry: { attempts: 5, first_ms: 50, cap_ms: 1_000, factor: 3 },
      hedging: { isOn: true, delay_ms: undefined },
    });
  });

  test('gives grpc-js the balancing, and keeps the rest', () => {
    const config = { loadBalancingConfig: [{ pick_first: {} }], methodConfig: [{ name: [{}], timeout: '2s' }] };
    expect(JSON.parse(read(config).channelConfig)).toEqual({ loadBalancingConfig: [{ pick_first: {} }] });
  });

  test('is about a method, a service, or all; the closest counts', () => {
    const methodConfig = [
      { name: [{}], timeout: '3s' },
      { name: [{ service }], timeout: '2s', hedgingPolicy: { maxAttempts: 1 } },
      {
        name: [{ service, method: 'GetProduct' }],
        timeout: '1.5s',
        retryPolicy: { maxAttempts: 2, maxBackoff: '0.2s' },
      },
    ];
    expect(policy({ methodConfig })).toEqual({
      timeout_ms: 1_500,
      retry: { attempts: 2, first_ms: 50, cap_ms: 200, factor: 3 },
      hedging: { isOn: true, delay_ms: undefined },
    });
    expect(policy({ methodConfig }, 'ListProducts')).toMatchObject({ timeout_ms: 2_000, hedging: { isOn: false } });
    expect(read({ methodConfig }).of('/other.Service/Get')).toMatchObject({ timeout_ms: 3_000 });
  });

  test.each<[string, unknown]>([
    ['serviceConfig.loadBalancingConfig: ', { loadBalancingConfig: [] }],
    ['serviceConfig.loadBalancingConfig[0]: ', { loadBalancingConfig: [{ no_such_policy: {} }] }],
    ['serviceConfig.methodConfig[0].name: ', { methodConfig: [{ timeout: '1s' }] }],
    ['serviceConfig.methodConfig[0].timeout: must be seconds', { methodConfig: [{ name: [{}], timeout: '1000' }] }],
    [
      'serviceConfig.methodConfig[0].retryPolicy.maxAttempts: ',
      { methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 6 } }] },
    ],
    ['serviceConfig.retryThrottling.tokenRatio: ', { retryThrottling: { maxTokens: 10, tokenRatio: 2 } }],
    ['serviceConfig: Unrecognized key', { loadBalancingPolicy: 'round_robin' }],
    ['serviceConfig.methodConfig[0].name[0].method: ', { methodConfig: [{ name: [{ service, method: 'Nope' }] }] }],
    [
      'serviceConfig.methodConfig[0].hedgingPolicy: RestockProduct is no unary method without side effects',
      { methodConfig: [{ name: [{ service, method: 'RestockProduct' }], hedgingPolicy: { maxAttempts: 2 } }] },
    ],
  ])('that is wrong names the field: %s', (message, config) => {
    expect(() => read(config as ServiceConfig)).toThrow(message);
    expect(() => connect(InventoryService, { target: '127.0.0.1:1', serviceConfig: config as ServiceConfig })).toThrow(
      message,
    );
  });
});
