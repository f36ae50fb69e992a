import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatGid, gidPrefixOf, parseGid } from './gid.ts';

const transactionId = '01991a3f-5c1e-7b6a-8000-0123456789ab';

test('[U3] a gid is read as it was written', () => {
  const branches = fc.record({
    transactionId: fc.uuid(),
    branch: fc.nat(),
    epoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  });
  fc.assert(
    fc.property(branches, (branch) => {
      const gid = formatGid(branch);
      expect(parseGid(gid)).toEqual(branch);
      expect(gid.startsWith(gidPrefixOf(branch))).toBe(true);
      // PostgreSQL's limit.
      expect(gid.length).toBeLessThan(200);
    }),
  );
});

test.each([
  'assent_',
  'somebody_else',
  `assent_${transactionId}_1`,
  `assent_${transactionId}_01_1`,
  `assent_${transactionId.toUpperCase()}_1_1`,
  `assent_${transactionId}_1_1'`,
  `assent_${transactionId}_1_1\n`,
  ` assent_${transactionId}_1_1`,
])('%j is not ours', (gid) => {
  expect(parseGid(gid)).toBeUndefined();
});

test.each([
  { transactionId: `${transactionId}'; --`, branch: 0, epoch: '1' },
  { transactionId, branch: 1.5, epoch: '1' },
  { transactionId, branch: -1, epoch: '1' },
  { transactionId, branch: 0, epoch: "1'; DROP TABLE barrier; --" },
  { transactionId, branch: 0, epoch: '' },
])('%j gives no gid', (branch) => {
  expect(() => formatGid(branch)).toThrow('not a gid');
});
