// InventoryService.
import { keyReused, pageOf, type Reader, read, timestamp } from '@assent/messages';
import { formatMoney, sameMoney } from '@assent/money';
import { sqlState } from '@assent/postgres';
import type { InventoryServiceHandlers } from '@assent/protos/inventory/v1/InventoryService.ts';
import type { ProductInput } from '@assent/protos/inventory/v1/Product.ts';
import type { ReservationInput } from '@assent/protos/inventory/v1/Reservation.ts';
import { type Implementation, invalid, RpcError } from '@assent/rpc';
import type { PlacedProduct, Shards } from './shards.ts';
import * as store from './store.ts';

const maxRestock = 1_000_000_000n;

export function inventoryService(shards: Shards): Implementation<InventoryServiceHandlers> {
  async function product(sku: string, signal?: AbortSignal): Promise<PlacedProduct> {
    const [found] = await shards.getProducts([sku], signal);
    if (!found) throw new RpcError('NOT_FOUND', 'there is no product with this SKU', { reason: 'PRODUCT_NOT_FOUND' });
    return found;
  }

  return {
    async createProduct(request) {
      const wanted = read((is) => ({
        sku: is.id('sku', request.sku),
        name: is.text('name', request.name, 200),
        price: is.money('price', request.price, 0n),
      }));
      const added = await store.insertProduct(await shards.home(wanted.sku), wanted);
      const found = await product(wanted.sku);
      if (!added && !(found.name === wanted.name && sameMoney(found.price, wanted.price))) {
        throw new RpcError('ALREADY_EXISTS', 'there is a product with this SKU and another name or price', {
          reason: 'PRODUCT_EXISTS',
        });
      }
      return { product: toMessage(found) };
    },

    async getProduct(request, { signal }) {
      return {
        product: toMessage(
          await product(
            read((is) => is.id('sku', request.sku)),
            signal,
          ),
        ),
      };
    },

    async listProducts(request, { signal }) {
      const page = read((is) => is.page(request, 'products', 'id'));
      const { items, nextPageToken } = pageOf(page, await shards.listProducts(page, signal), ({ sku }) => sku);
      return { products: items.map(toMessage), nextPageToken };
    },

    async batchGetProducts(request, { signal }) {
      const skus = read((is) => readSkus(is, request.skus));
      return { products: (await shards.getProducts(skus, signal)).map(toMessage) };
    },

    async restockProduct(request) {
      const { sku, quantity, key } = read((is) => ({
        sku: is.id('sku', request.sku),
        quantity: is.int64('quantity', request.quantity, 1n, maxRestock),
        key: is.idempotencyKey(request.idempotencyKey),
      }));
      const database = await shards.databaseOf(sku);
      if (!(await store.restock(database, sku, quantity, key).catch(tooMuch))) {
        const earlier = await store.restocked(database, sku, key);
        if (earlier !== undefined && earlier !== quantity) throw keyReused();
      }
      return { product: toMessage(await product(sku)) };
    },

    async listReservations(request, { signal }) {
      const { sku, page } = read((is) => ({
        sku: is.id('sku', request.sku),
        page: is.page(request, `reservations of ${request.sku}`, 'uuid'),
      }));
      const database = await shards.databaseOf(sku);
      const rows = await store.listReservations(database.until(signal), sku, page);
      if (rows.length === 0) await product(sku, signal);
      const { items, nextPageToken } = pageOf(page, rows, ({ orderId }) => orderId);
      return { reservations: items.map(toReservation), nextPageToken };
    },
  };
}

function readSkus(is: Reader, skus: readonly string[]): readonly string[] {
  if (skus.length < 1 || skus.length > 1000) {
    is.wrong('skus', 'must be 1 to 1000');
    return [];
  }
  return skus.map((sku, i) => is.id(`skus[${i}]`, sku));
}

function toMessage({ price, available, reserved, sold, ...product }: PlacedProduct): ProductInput {
  return {
    ...product,
    price: formatMoney(price),
    available: String(available),
    reserved: String(reserved),
    sold: String(sold),
  };
}

function toReservation({ createdAt, ...reservation }: store.Reservation): ReservationInput {
  return { ...reservation, createTime: timestamp(createdAt) };
}

function tooMuch(error: unknown): never {
  // numeric_value_out_of_range
  if (sqlState(error) !== '22003') throw error;
  throw invalid([{ field: 'quantity', description: 'is more than the stock can count' }]);
}
