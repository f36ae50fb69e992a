// OrderService.
import { pageOf, read, timestamp } from '@assent/messages';
import { formatMoney } from '@assent/money';
import type { Database } from '@assent/postgres';
import type { OrderInput } from '@assent/protos/order/v1/Order.ts';
import type { OrderServiceHandlers } from '@assent/protos/order/v1/OrderService.ts';
import type { Implementation } from '@assent/rpc';
import { lineMessage } from './checkout.ts';
import { modes, type Order, readLines } from './order.ts';
import type { Orders } from './orders.ts';
import { listOrders } from './store.ts';
import type { Watcher } from './watch.ts';

export function orderService(
  database: Database,
  orders: Orders,
  watcher: Watcher,
): Implementation<OrderServiceHandlers> {
  return {
    async placeOrder(request, call) {
      const { idempotencyKey, ...wanted } = read((is) => ({
        accountId: is.id('accountId', request.accountId),
        mode: is.oneOf('mode', request.mode, modes),
        lines: readLines(is, request.lines),
        idempotencyKey: is.idempotencyKey(request.idempotencyKey),
      }));
      return { order: toMessage(await orders.place(wanted, idempotencyKey, call)) };
    },

    async getOrder(request) {
      return { order: toMessage(await orders.get(read((is) => is.uuid('orderId', request.orderId)))) };
    },

    async listOrders(request, { signal }) {
      const all = request.accountId === '';
      const { accountId, page } = read((is) => ({
        accountId: all ? undefined : is.id('accountId', request.accountId),
        page: is.page(request, `orders of ${all ? 'all' : `account ${request.accountId}`}`, 'uuid'),
      }));
      const rows = await listOrders(database.until(signal), accountId, page);
      const { items, nextPageToken } = pageOf(page, rows, ({ orderId }) => orderId);
      return { orders: items.map(toMessage), nextPageToken };
    },

    async *watchOrder(request, call) {
      const order = await orders.get(read((is) => is.uuid('orderId', request.orderId)));
      for await (const changed of watcher.watch(order, call.signal)) yield { order: toMessage(changed) };
    },

    async cancelOrder(request, call) {
      return {
        order: toMessage(
          await orders.cancel(
            read((is) => is.uuid('orderId', request.orderId)),
            call,
          ),
        ),
      };
    },
  };
}

function toMessage({ lines, total, rejection, createdAt, updatedAt, ...order }: Order): OrderInput {
  return {
    orderId: order.orderId,
    accountId: order.accountId,
    mode: order.mode,
    status: order.status,
    lines: lines.map(lineMessage),
    total: formatMoney(total),
    rejection: rejection ?? null,
    createTime: timestamp(createdAt),
    updateTime: timestamp(updatedAt),
  };
}
