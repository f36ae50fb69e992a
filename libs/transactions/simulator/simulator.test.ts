import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Bug, bugs, createTally, rulesWith, runHistory, tellAll, transcripts } from './index.ts';

test('keeps every promise in a sample of histories, in which everything happens that can', () => {
  const tally = createTally();
  for (let seed = 1; seed <= 2_000; seed++) {
    expect([seed, ...runHistory(seed, { tally }).violations]).toEqual([seed]);
  }
  for (const [what, count] of Object.entries(tally)) expect([what, count > 0]).toEqual([what, true]);
});

/** The first seed whose history shows the bug. */
function firstSeed(bug: Bug): number | undefined {
  const rules = rulesWith(bug);
  for (let seed = 1; seed <= 10_000; seed++) if (runHistory(seed, { rules }).violations.length > 0) return seed;
  return undefined;
}

test.each(Object.keys(bugs) as Bug[])(
  'a planted bug is found: %s',
  (bug) => {
    expect(firstSeed(bug)).toBeLessThanOrEqual(10_000);
  },
  120_000,
);

test('a seed is always the same history', () => {
  const record = (seed: number) => {
    const lines: string[] = [];
    runHistory(seed, { write: (line) => lines.push(line) });
    return lines;
  };
  for (const seed of [1, 7, 2 ** 40]) {
    const first = record(seed);
    expect(first.length).toBeGreaterThan(10);
    expect(record(seed)).toEqual(first);
  }
});

describe('the transcripts', () => {
  test.each([...tellAll()])('%s is what happens (pnpm simulate --transcripts writes it again)', (name, text) => {
    expect(text).toBe(readFileSync(join(transcripts, name), 'utf8'));
  });
});
