// Original file: assent/coordinator/v1/coordinator.proto


export interface RetryTransactionRequestInput {
  'transactionId'?: (string);
  'reason'?: (string);
}

export interface RetryTransactionRequest {
  'transactionId': (string);
  'reason': (string);
}
