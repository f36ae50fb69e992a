// What the models of orders, accounts and products say about histories that are beside the mirror.
import type pg from 'pg';
import { type Finding, mostShown, type Violation } from './finding.ts';
import { judgeAccount } from './model/account.ts';
import { laws } from './model/laws.ts';
import { judgeOrder } from './model/order.ts';
import { judgeProduct, type Unreasoned } from './model/product.ts';
import type { Breach, Law } from './model/violation.ts';
import { accountStories, orderStories, prepareStories, productStories, readPrices } from './stories/read.ts';

/** One finding for each law. */
export async function examineHistories(mirror: pg.Client, paths: readonly string[]): Promise<Finding[]> {
  await prepareStories(mirror);
  const violations = new Map<Law, Violation[]>(Object.values(laws).map((law) => [law, []]));
  const note = ({ law, lines, ...breach }: Breach) => {
    const noted = violations.get(law) as Violation[];
    if (noted.length < mostShown) noted.push({ ...breach, lines: lines.map((line) => inFile(paths, line)) });
  };
  const looked = await examineAll(mirror, (breaches) => breaches.forEach(note));
  return Array.from(violations, ([law, found]) => ({
    invariant: { ...law, of: 'operations' },
    looked,
    violations: found.sort((a, b) => (a.subject < b.subject ? -1 : 1)),
  }));
}

/** Returns the number of operations. */
async function examineAll(mirror: pg.Client, note: (breaches: readonly Breach[]) => void): Promise<number> {
  const prices = await readPrices(mirror);
  let operations = 0;
  for await (const story of orderStories(mirror)) {
    operations += story.operations.length;
    note(judgeOrder(story, prices));
  }
  for await (const [accountId, steps] of accountStories(mirror)) note(judgeAccount(accountId, steps));
  const reasons = reasonable();
  for await (const [sku, steps] of productStories(mirror)) {
    const { breaches, unreasoned } = judgeProduct(sku, steps);
    note([...breaches, ...unreasoned.flatMap(reasons)]);
  }
  return operations;
}

/** A refused order is only wrong when none of its products can have been the reason. */
function reasonable(): (one: Unreasoned) => Breach[] {
  const excluded = new Map<string, number>();
  return ({ orderId, products, breach }) => {
    const count = (excluded.get(orderId) ?? 0) + 1;
    excluded.set(orderId, count);
    return count === products ? [breach] : [];
  };
}

/** FILE:LINE with the name of the file for its number. */
function inFile(paths: readonly string[], line: string): string {
  const [file, number] = line.split(':');
  return `${paths[Number(file)]}:${number}`;
}

/** How many operations there were: `place ok`, …; and what came of the orders: `confirmed`, `rejected CODE`, … */
export async function countOperations(mirror: pg.Client): Promise<Record<string, number>> {
  const { rows } = await mirror.query<{ what: string; count: string }>(`
    SELECT op || ' ' || outcome AS what, count(*) FROM operations GROUP BY what
    UNION ALL SELECT 'requests', count(*) FROM lives WHERE key IS NOT NULL
    UNION ALL SELECT 'confirmed', count(*) FROM lives WHERE key IS NOT NULL AND status IN ('CONFIRMED', 'CANCELLING', 'CANCELLED')
    UNION ALL SELECT 'rejected ' || rejection_code, count(*) FROM lives
      WHERE key IS NOT NULL AND rejection_code IS NOT NULL GROUP BY rejection_code`);
  return Object.fromEntries(
    rows.toSorted((a, b) => (a.what < b.what ? -1 : 1)).map(({ what, count }) => [what, Number(count)]),
  );
}
