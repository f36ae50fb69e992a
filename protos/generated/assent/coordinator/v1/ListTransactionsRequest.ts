// Original file: assent/coordinator/v1/coordinator.proto

import type { _assent_coordinator_v1_Transaction_StateInput, _assent_coordinator_v1_Transaction_State } from '../../../assent/coordinator/v1/Transaction.ts';

export interface ListTransactionsRequestInput {
  'state'?: (_assent_coordinator_v1_Transaction_StateInput);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListTransactionsRequest {
  'state': (_assent_coordinator_v1_Transaction_State);
  'pageSize': (number);
  'pageToken': (string);
}
