// Original file: assent/coordinator/v1/coordinator.proto


export interface SkipBranchRequestInput {
  'transactionId'?: (string);
  'branch'?: (string);
  'reason'?: (string);
  'force'?: (boolean);
}

export interface SkipBranchRequest {
  'transactionId': (string);
  'branch': (string);
  'reason': (string);
  'force': (boolean);
}
