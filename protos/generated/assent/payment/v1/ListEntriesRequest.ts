// Original file: assent/payment/v1/payment.proto


export interface ListEntriesRequestInput {
  'accountId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListEntriesRequest {
  'accountId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
