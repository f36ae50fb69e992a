// Original file: assent/order/v1/order.proto

import type { OrderInput as _assent_order_v1_OrderInput, Order as _assent_order_v1_Order } from '../../../assent/order/v1/Order.ts';

export interface PlaceOrderResponseInput {
  'order'?: (_assent_order_v1_OrderInput | null);
}

export interface PlaceOrderResponse {
  'order': (_assent_order_v1_Order | null);
}
