// Original file: assent/order/v1/order.proto


export interface CancelOrderRequestInput {
  'orderId'?: (string);
}

export interface CancelOrderRequest {
  'orderId': (string);
}
