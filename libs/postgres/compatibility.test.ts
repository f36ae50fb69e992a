import { expect, test } from '@jest/globals';
import { checkServer, isBefore } from './compatibility.ts';

test('a server that is too old is refused', async () => {
  const server = (version: string) => ({ query: async () => ({ rows: [{ version }] as never[], rowCount: 1 }) });
  for (const version of ['18.4', '15.18 (Debian 15.18-0+deb12u1)', '13.0', '19beta1'])
    await checkServer(server(version));
  for (const version of ['12.22', '9.6.24'])
    await expect(checkServer(server(version))).rejects.toThrow(`PostgreSQL ${version} is too old: use 13 or later`);
});

test('versions are told apart by major and minor', () => {
  const before = (other: string) => ['0.2.9', '0.3.0', '0.10.0', '1.0.0-rc.1'].filter((one) => isBefore(one, other));
  expect(before('0.3')).toEqual(['0.2.9']);
  expect(before('1.0')).toEqual(['0.2.9', '0.3.0', '0.10.0']);
});
