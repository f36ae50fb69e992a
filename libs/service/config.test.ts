import { expect, test } from '@jest/globals';
import { concurrencyOf, serviceConfig } from './config.ts';
import { version } from './version.ts';

test('the greatest age of a connection fits a timer, also with 10 % more', () => {
  const accepts = (age_ms: number) => serviceConfig.safeParse({ GRPC_CONNECTION_AGE_MS: age_ms }).success;
  expect([1_900_000_000, 2_000_000_000].map(accepts)).toEqual([true, false]);
  expect(1_900_000_000 * 1.1).toBeLessThan(2 ** 31);
});

test('calls are limited unless the initial limit is 0', () => {
  const limits = (environment: object) => concurrencyOf(serviceConfig.parse(environment));
  expect(limits({})).toEqual({ initial: 1_000, min: 32, max: 4_000, calm_ms: 100 });
  expect(limits({ CONCURRENCY_INITIAL: '0' })).toBe(false);
});

test('another patch is as good as the version that is expected, another minor or major is not', () => {
  const errors = (expected: string) =>
    serviceConfig.safeParse({ EXPECTED_VERSION: expected }).error?.issues.map(({ message }) => message);
  const [major, minor] = version.split('.').map(Number);
  expect([version, `${major}.${minor}.99-rc.1`].map(errors)).toEqual([undefined, undefined]);
  for (const other of [`${major}.${minor! + 1}.0`, `${major! + 1}.${minor}.0`])
    expect(errors(other)).toEqual([expect.stringContaining(`version ${other}, and this image is ${version}: deploy`)]);
  expect(errors('latest')).toEqual(['must be a version, such as 0.1.0']);
});
