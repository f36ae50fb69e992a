// Original file: assent/coordinator/v1/coordinator.proto


export interface GetDecisionsRequestInput {
  'transactionIds'?: (string)[];
}

export interface GetDecisionsRequest {
  'transactionIds': (string)[];
}
