// Original file: assent/order/v1/order.proto

import type { _assent_order_v1_Order_ModeInput, _assent_order_v1_Order_Mode } from '../../../assent/order/v1/Order.ts';

export interface _assent_order_v1_PlaceOrderRequest_LineInput {
  'sku'?: (string);
  'quantity'?: (number);
}

export interface _assent_order_v1_PlaceOrderRequest_Line {
  'sku': (string);
  'quantity': (number);
}

export interface PlaceOrderRequestInput {
  'accountId'?: (string);
  'lines'?: (_assent_order_v1_PlaceOrderRequest_LineInput)[];
  'mode'?: (_assent_order_v1_Order_ModeInput);
  'idempotencyKey'?: (string);
}

export interface PlaceOrderRequest {
  'accountId': (string);
  'lines': (_assent_order_v1_PlaceOrderRequest_Line)[];
  'mode': (_assent_order_v1_Order_Mode);
  'idempotencyKey': (string);
}
