// Original file: assent/order/v1/order.proto


export interface WatchOrderRequestInput {
  'orderId'?: (string);
}

export interface WatchOrderRequest {
  'orderId': (string);
}
