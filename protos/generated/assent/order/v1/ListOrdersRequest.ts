// Original file: assent/order/v1/order.proto


export interface ListOrdersRequestInput {
  'accountId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListOrdersRequest {
  'accountId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
