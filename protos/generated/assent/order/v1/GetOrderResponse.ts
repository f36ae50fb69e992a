// Original file: assent/order/v1/order.proto

import type { OrderInput as _assent_order_v1_OrderInput, Order as _assent_order_v1_Order } from '../../../assent/order/v1/Order.ts';

export interface GetOrderResponseInput {
  'order'?: (_assent_order_v1_OrderInput | null);
}

export interface GetOrderResponse {
  'order': (_assent_order_v1_Order | null);
}
