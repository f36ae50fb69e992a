// Original file: assent/coordinator/v1/coordinator.proto

import type { RunTransactionRequestInput as _assent_coordinator_v1_RunTransactionRequestInput, RunTransactionRequest as _assent_coordinator_v1_RunTransactionRequest } from '../../../assent/coordinator/v1/RunTransactionRequest.ts';

export interface _assent_coordinator_v1_RunTransactionsRequest_RunInput {
  'request'?: (_assent_coordinator_v1_RunTransactionRequestInput | null);
  'traceparent'?: (string);
}

export interface _assent_coordinator_v1_RunTransactionsRequest_Run {
  'request': (_assent_coordinator_v1_RunTransactionRequest | null);
  'traceparent': (string);
}

export interface RunTransactionsRequestInput {
  'runs'?: (_assent_coordinator_v1_RunTransactionsRequest_RunInput)[];
}

export interface RunTransactionsRequest {
  'runs': (_assent_coordinator_v1_RunTransactionsRequest_Run)[];
}
