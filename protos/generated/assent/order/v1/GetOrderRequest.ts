// Original file: assent/order/v1/order.proto


export interface GetOrderRequestInput {
  'orderId'?: (string);
}

export interface GetOrderRequest {
  'orderId': (string);
}
