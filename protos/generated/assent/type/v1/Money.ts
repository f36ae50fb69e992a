// Original file: assent/type/v1/money.proto

import type { Long } from '@grpc/proto-loader';

export interface MoneyInput {
  'amount'?: (number | string | Long);
  'currency'?: (string);
}

export interface Money {
  'amount': (string);
  'currency': (string);
}
