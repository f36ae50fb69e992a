import { experimental } from '@grpc/grpc-js';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { installDiscovery } from '../index.ts';
import { parseHashSettings, parseSettings } from './settings.ts';

beforeAll(installDiscovery);

test('everything has a default', () => {
  expect(parseSettings({})).toMatchObject({
    zone: { overload: 1.4 },
    ejection: { maxShare: 0.5 },
    health: { service: '' },
  });
  expect(parseHashSettings({ header: 'X-Cart' })).toMatchObject({ header: 'x-cart', bound: 1.25, slowStart_ms: 3_000 });
});

test('a part can be turned off, or be the default by name', () => {
  expect(parseSettings({ zone: false, ejection: true, health: { renew_ms: 7 } })).toMatchObject({
    zone: null,
    ejection: parseSettings({}).ejection,
    health: { renew_ms: 7, timeout_ms: 2_000 },
  });
});

describe('what is wrong is named:', () => {
  test.each([
    [{ slowStart: 1 }, 'slowStart'],
    [{ slowStart_ms: -1 }, 'slowStart_ms'],
    [{ zone: 'a' }, 'zone'],
    [{ ejection: { base_ms: '10s' } }, 'ejection.base_ms'],
    [{ ejection: { maxShare: 2 } }, 'ejection.maxShare'],
    [{ ejection: { minCalls: 2 } }, 'minCalls'],
    [{ health: { service: 'a b' } }, 'health.service'],
    [{ bound: 2 }, 'bound'],
  ])('%j', (settings, field) => {
    const parse = () => experimental.parseLoadBalancingConfig({ least_loaded: settings });
    expect(parse).toThrow('least_loaded: ');
    expect(parse).toThrow(field);
  });
});
