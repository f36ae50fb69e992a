// Original file: assent/coordinator/v1/coordinator.proto

import type { TransactionInput as _assent_coordinator_v1_TransactionInput, Transaction as _assent_coordinator_v1_Transaction } from '../../../assent/coordinator/v1/Transaction.ts';

export interface RetryTransactionResponseInput {
  'transaction'?: (_assent_coordinator_v1_TransactionInput | null);
}

export interface RetryTransactionResponse {
  'transaction': (_assent_coordinator_v1_Transaction | null);
}
