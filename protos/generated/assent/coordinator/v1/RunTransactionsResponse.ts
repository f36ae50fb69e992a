// Original file: assent/coordinator/v1/coordinator.proto

import type { RunTransactionResponseInput as _assent_coordinator_v1_RunTransactionResponseInput, RunTransactionResponse as _assent_coordinator_v1_RunTransactionResponse } from '../../../assent/coordinator/v1/RunTransactionResponse.ts';
import type { StatusInput as _google_rpc_StatusInput, Status as _google_rpc_Status } from '../../../google/rpc/Status.ts';

export interface _assent_coordinator_v1_RunTransactionsResponse_OutcomeInput {
  'index'?: (number);
  'response'?: (_assent_coordinator_v1_RunTransactionResponseInput | null);
  'error'?: (_google_rpc_StatusInput | null);
  'outcome'?: "response"|"error";
}

export interface _assent_coordinator_v1_RunTransactionsResponse_Outcome {
  'index': (number);
  'response'?: (_assent_coordinator_v1_RunTransactionResponse | null);
  'error'?: (_google_rpc_Status | null);
  'outcome'?: "response"|"error";
}

export interface RunTransactionsResponseInput {
  'outcomes'?: (_assent_coordinator_v1_RunTransactionsResponse_OutcomeInput)[];
}

export interface RunTransactionsResponse {
  'outcomes': (_assent_coordinator_v1_RunTransactionsResponse_Outcome)[];
}
