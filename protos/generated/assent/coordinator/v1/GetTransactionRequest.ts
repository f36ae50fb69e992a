// Original file: assent/coordinator/v1/coordinator.proto


export interface GetTransactionRequestInput {
  'transactionId'?: (string);
}

export interface GetTransactionRequest {
  'transactionId': (string);
}
