// The checker of histories is checked: shops in which all is right by construction, then shops in which one thing isn't, in
// the history or in the databases.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Line } from '../history/line.ts';
import { seeded } from '../random.ts';
import { judge, type Verdict } from './judge.ts';
import { laws } from './model/laws.ts';
import { type Databases, openDatabases } from './testing/fill.ts';
import { type Planted, planted } from './testing/planted.ts';
import { runShop, type ShopRun } from './testing/shop.ts';

let databases: Databases;
const directory = mkdtempSync(join(tmpdir(), 'assent-histories-'));

beforeAll(async () => {
  databases = await openDatabases();
});

afterAll(async () => {
  await databases.drop();
  rmSync(directory, { recursive: true });
});

function write(name: string, lines: readonly Line[]): string {
  const path = join(directory, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
}

function verdictOn(...history: string[]): Promise<Verdict> {
  return judge({ history, sources: databases.urls, settled_s: 0, enough: { confirmed: 1, share: 0.1 } });
}

test('whatever happens in a shop in which all is right, nothing is found', async () => {
  const rightShops = async (seeds: readonly number[]) => {
    for (const seed of seeds) {
      const { lines, tables } = runShop(`right${seed}`, 100, seeded(seed));
      await databases.fill(tables);
      expect(await verdictOn(write('right', lines))).toMatchObject({ passed: true, violations: [] });
    }
  };
  // The same seed makes the same ids, and all shops have one set of databases: the smaller ones are those of the tests below.
  const seed = fc.integer({ min: 1_000_000, max: 2 ** 32 - 1 });
  const seeds = fc.uniqueArray(seed, { minLength: 4, maxLength: 4 });
  await fc.assert(fc.asyncProperty(seeds, rightShops), { numRuns: 1, endOnFailure: true });
});

describe('it is not enough to judge', () => {
  const { lines, tables } = runShop('little', 40, seeded(7));
  beforeAll(() => databases.fill(tables));

  test('when too little was confirmed', async () => {
    const history = [write('little', lines)];
    const verdict = await judge({ history, sources: databases.urls, settled_s: 0, enough: { share: 0.99 } });
    expect(verdict).toMatchObject({ passed: false, enough: false });
    expect(verdict.shortfall).toMatch(/^only \d+ of the \d+ orders in the history were confirmed/);
  });

  test('when the history is truncated', async () => {
    const verdict = await verdictOn(write('little', lines.slice(0, -1)));
    expect(verdict).toMatchObject({ passed: false, enough: false });
    expect(verdict.shortfall).toContain('truncated');
  });
});

describe('a shop in which', () => {
  const subjects = new Map<Planted, string>();
  let verdict: Verdict;

  /** A run to which it can be done. */
  function shopWith(one: Planted, index: number): ShopRun {
    for (let seed = 0; seed < 100; seed++) {
      const run = runShop(`planted${index}`, 100, seeded(1000 * index + seed));
      const subject = one.plant(run);
      if (subject === undefined) continue;
      subjects.set(one, subject);
      return run;
    }
    throw new Error(`no run in which ${one.title}`);
  }

  beforeAll(async () => {
    const runs = planted.map(shopWith);
    for (const { tables } of runs) await databases.fill(tables);
    verdict = await verdictOn(...runs.map(({ lines }, index) => write(`planted${index}`, lines)));
  });

  test.each(planted)('$title', (one) => {
    const found = verdict.violations.filter(({ subject }) => subject === subjects.get(one));
    expect(found.map(({ invariant }) => invariant)).toContain(one.invariant);
  });

  test('every law is broken', () => {
    const names = Object.values(laws).map(({ name }) => name);
    const tested = planted.map(({ invariant }) => invariant);
    expect(names.filter((name) => !tested.includes(name))).toEqual([]);
  });
});
