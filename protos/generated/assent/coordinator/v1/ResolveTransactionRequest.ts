// Original file: assent/coordinator/v1/coordinator.proto

import type { _assent_coordinator_v1_GetDecisionsResponse_DecisionInput, _assent_coordinator_v1_GetDecisionsResponse_Decision } from '../../../assent/coordinator/v1/GetDecisionsResponse.ts';

export interface ResolveTransactionRequestInput {
  'transactionId'?: (string);
  'decision'?: (_assent_coordinator_v1_GetDecisionsResponse_DecisionInput);
  'reason'?: (string);
  'force'?: (boolean);
}

export interface ResolveTransactionRequest {
  'transactionId': (string);
  'decision': (_assent_coordinator_v1_GetDecisionsResponse_Decision);
  'reason': (string);
  'force': (boolean);
}
