// Original file: assent/payment/v1/payment.proto


export interface ListAccountsRequestInput {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListAccountsRequest {
  'pageSize': (number);
  'pageToken': (string);
}
