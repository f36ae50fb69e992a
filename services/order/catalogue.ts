// What the other services know about products and accounts, remembered for a moment.
import { parseMoney } from '@assent/money';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import type { PaymentServiceHandlers } from '@assent/protos/payment/v1/PaymentService.ts';
import { type Client, RpcError } from '@assent/rpc';
import { batched } from './batch.ts';
import { type Cache, createCache } from './cache.ts';
import type { Offer } from './order.ts';

export interface CatalogueOptions {
  readonly inventory: Pick<Client<InventoryServiceHandlers>, 'batchGetProducts'>;
  readonly payment: Pick<Client<PaymentServiceHandlers>, 'getAccount'>;
  readonly priceTtl_ms: number;
  readonly accountTtl_ms: number;
  /** How many products, and how many accounts, are remembered. */
  readonly size: number;
}

export interface Catalogue {
  /** By SKU. Whoever sells it checks the price again. */
  readonly offers: Cache<Offer>;
  /** An account's currency, which never changes. */
  readonly currencies: Cache<string>;
}

export function createCatalogue({ inventory, payment, priceTtl_ms, accountTtl_ms, size }: CatalogueOptions): Catalogue {
  async function loadOffers(skus: readonly string[]): Promise<ReadonlyMap<string, Offer>> {
    const { products } = await inventory.batchGetProducts({ skus: [...skus] });
    return new Map(products.map(({ sku, price, shard }) => [sku, { unitPrice: parseMoney(price), shard }]));
  }

  async function loadCurrency(accountId: string): Promise<string | undefined> {
    try {
      const { account } = await payment.getAccount({ accountId });
      return account?.balance?.currency;
    } catch (error) {
      if (error instanceof RpcError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  return {
    offers: createCache({ load: batched(loadOffers, { batch: 1000, waiting: 10_000 }), ttl_ms: priceTtl_ms, size }),
    currencies: createCache({ load: loadCurrency, ttl_ms: accountTtl_ms, size }),
  };
}
