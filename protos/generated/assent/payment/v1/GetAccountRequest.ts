// Original file: assent/payment/v1/payment.proto


export interface GetAccountRequestInput {
  'accountId'?: (string);
}

export interface GetAccountRequest {
  'accountId': (string);
}
