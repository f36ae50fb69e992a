// `assent seed` and `assent sample`: what a new platform holds and does, on one that is there already.
import { openApi } from '../api.ts';
import { restUrl, type Where } from '../run/where.ts';
import { placeSamples } from './sample.ts';
import { describeOrder } from './screen.ts';
import { seed } from './shop.ts';

/** A platform that has just been installed may take a while until it answers. */
const patience_ms = 60_000;

/** Fills the shop; doing it again changes nothing. Returns the exit code. */
export async function seedShop(where: Where): Promise<number> {
  const url = restUrl(where);
  await seed(openApi(url, patience_ms));
  process.stdout.write(`The shop at ${url} is stocked, and its customers have money\n`);
  return 0;
}

/** Places an order in each mode, and tells what became of it. The exit code is 0 when all were confirmed. */
export async function sampleShop(where: Where): Promise<number> {
  let areConfirmed = true;
  await placeSamples(openApi(restUrl(where), patience_ms), (order) => {
    areConfirmed &&= order.status === 'CONFIRMED';
    process.stdout.write(`${describeOrder({ type: 'order', ...order })}\n`);
  });
  return areConfirmed ? 0 : 1;
}
