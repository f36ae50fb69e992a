// Original file: assent/coordinator/v1/coordinator.proto

import type { Long } from '@grpc/proto-loader';

export interface GetDecisionsRequestInput {
  'transactionIds'?: (string)[];
  'epochs'?: (number | string | Long)[];
}

export interface GetDecisionsRequest {
  'transactionIds': (string)[];
  'epochs': (string)[];
}
