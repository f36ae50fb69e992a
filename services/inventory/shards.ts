// The databases over which the stock is spread, by SKU. Where a product is, is data: it never moves, and a database that is
// added gets new ones only.
import { hash } from 'node:crypto';
import type { Database } from '@assent/postgres';
import { RpcError } from '@assent/rpc';
import * as store from './store.ts';

/** A product, and the number of the shard that it is in. */
export type PlacedProduct = store.Product & { readonly shard: number };

export interface ShardsOptions {
  /** In an order that never changes; new ones come last. */
  readonly databases: readonly Database[];
  /** How long it is remembered where a product is; 10 min. */
  readonly ttl_ms?: number;
  /** Of how many products that is remembered; 100,000. */
  readonly size?: number;
}

export interface Shards {
  /** Throws when a database is another shard than its place says. */
  check(): Promise<void>;
  /**
   * Those of the products that exist. UNAVAILABLE when one of them is in a shard that this replica doesn't know of: others
   * know it, while a new one is being added. The signal cancels what is being read.
   */
  getProducts(skus: readonly string[], signal?: AbortSignal): Promise<PlacedProduct[]>;
  /** By SKU, over all shards. One more than fits the page. UNAVAILABLE as above. */
  listProducts(page: store.ProductPage, signal?: AbortSignal): Promise<PlacedProduct[]>;
  /** Where a product is or, if there is none, is to be looked for in vain. */
  databaseOf(sku: string): Promise<Database>;
  /** Where a product is, if there is one, and otherwise is to be made. */
  home(sku: string): Promise<Database>;
}

export function createShards({ databases, ttl_ms = 600_000, size = 100_000 }: ShardsOptions): Shards {
  const first = databases[0] as Database;
  const known = createMemory<number>({ ttl_ms, size });

  /** Where to look for products: each in its shard, those of which that isn't known in all shards. */
  function places(skus: readonly string[]): { shard: number; skus: string[] }[] {
    if (databases.length === 1) return [{ shard: 0, skus: [...skus] }];
    return databases
      .map((_, shard) => ({ shard, skus: skus.filter((sku) => (known.get(sku) ?? shard) === shard) }))
      .filter((place) => place.skus.length > 0);
  }

  async function getProducts(skus: readonly string[], signal?: AbortSignal): Promise<PlacedProduct[]> {
    const answers = await Promise.allSettled(
      places(skus).map(async ({ shard, skus }) =>
        placed(shard, await store.getProducts(at(shard).until(signal), skus)),
      ),
    );
    const products = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const found = new Set(products.map(({ sku }) => sku));
    const missing = skus.filter((sku) => !found.has(sku));
    if (missing.length > 0) {
      // A product may be where nobody has answered.
      for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
      if (await store.isAnyHomeBeyond(first.until(signal), databases.length, missing)) throw elsewhere();
    }
    if (databases.length > 1) for (const { sku, shard } of products) known.set(sku, shard);
    return products;
  }

  function at(shard: number): Database {
    const database = databases[shard];
    if (!database) throw elsewhere();
    return database;
  }

  return {
    getProducts,
    async check() {
      const numbers = await Promise.all(databases.map(store.readNumber));
      for (const [shard, number] of numbers.entries()) {
        if (number !== undefined && number !== shard) {
          throw new Error(`INVENTORY_DATABASE_URLS: the database in place ${shard} is that of shard ${number}`);
        }
      }
      await Promise.all(databases.map((database, shard) => store.writeNumber(database, shard)));
    },
    async listProducts(page, signal) {
      const [beyond, ...lists] = await Promise.all([
        store.isAnyHomeBeyond(first.until(signal), databases.length),
        ...databases.map(async (database, shard) =>
          placed(shard, await store.listProducts(database.until(signal), page)),
        ),
      ]);
      if (beyond) throw elsewhere();
      return lists
        .flat()
        .sort((a, b) => (a.sku < b.sku ? -1 : 1))
        .slice(0, page.size + 1);
    },
    async databaseOf(sku) {
      if (databases.length === 1) return first;
      const shard = known.get(sku) ?? (await getProducts([sku]))[0]?.shard ?? 0;
      return at(shard);
    },
    home: async (sku) => at(await store.claimHome(first, sku, shardOfNew(sku, databases.length))),
  };
}

/** Where a new product goes. */
export function shardOfNew(sku: string, shards: number): number {
  return Number.parseInt(hash('sha256', sku).slice(0, 8), 16) % shards;
}

function placed(shard: number, products: readonly store.Product[]): PlacedProduct[] {
  return products.map((product) => ({ ...product, shard }));
}

function elsewhere(): RpcError {
  return new RpcError('UNAVAILABLE', 'the product is in a database that this replica does not know', {
    reason: 'SHARD_UNKNOWN',
  });
}

/** What doesn't change, unless somebody changes it by hand. What came first goes first when there is no more room. */
function createMemory<V>({ ttl_ms, size }: { readonly ttl_ms: number; readonly size: number }) {
  const entries = new Map<string, { readonly value: V; readonly until_ms: number }>();
  return {
    get(key: string): V | undefined {
      const entry = entries.get(key);
      return entry && entry.until_ms > performance.now() ? entry.value : undefined;
    },
    set(key: string, value: V): void {
      entries.delete(key);
      const [oldest] = entries.keys();
      if (entries.size >= size && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { value, until_ms: performance.now() + ttl_ms });
    },
  };
}
