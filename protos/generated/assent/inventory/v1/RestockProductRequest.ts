// Original file: assent/inventory/v1/inventory.proto

import type { Long } from '@grpc/proto-loader';

export interface RestockProductRequestInput {
  'sku'?: (string);
  'quantity'?: (number | string | Long);
  'idempotencyKey'?: (string);
}

export interface RestockProductRequest {
  'sku': (string);
  'quantity': (string);
  'idempotencyKey': (string);
}
