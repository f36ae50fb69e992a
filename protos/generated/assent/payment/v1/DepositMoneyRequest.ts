// Original file: assent/payment/v1/payment.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';

export interface DepositMoneyRequestInput {
  'accountId'?: (string);
  'amount'?: (_assent_type_v1_MoneyInput | null);
  'idempotencyKey'?: (string);
}

export interface DepositMoneyRequest {
  'accountId': (string);
  'amount': (_assent_type_v1_Money | null);
  'idempotencyKey': (string);
}
