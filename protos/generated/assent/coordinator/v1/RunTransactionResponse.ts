// Original file: assent/coordinator/v1/coordinator.proto

import type { _assent_coordinator_v1_Transaction_StateInput, _assent_coordinator_v1_Transaction_State } from '../../../assent/coordinator/v1/Transaction.ts';
import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';

export interface RunTransactionResponseInput {
  'transactionId'?: (string);
  'state'?: (_assent_coordinator_v1_Transaction_StateInput);
  'rejection'?: (_assent_type_v1_RejectionInput | null);
}

export interface RunTransactionResponse {
  'transactionId': (string);
  'state': (_assent_coordinator_v1_Transaction_State);
  'rejection': (_assent_type_v1_Rejection | null);
}
