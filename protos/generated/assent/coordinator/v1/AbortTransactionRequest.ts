// Original file: assent/coordinator/v1/coordinator.proto


export interface AbortTransactionRequestInput {
  'transactionId'?: (string);
  'reason'?: (string);
}

export interface AbortTransactionRequest {
  'transactionId': (string);
  'reason': (string);
}
