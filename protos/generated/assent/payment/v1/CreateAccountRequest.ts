// Original file: assent/payment/v1/payment.proto


export interface CreateAccountRequestInput {
  'accountId'?: (string);
  'currency'?: (string);
}

export interface CreateAccountRequest {
  'accountId': (string);
  'currency': (string);
}
