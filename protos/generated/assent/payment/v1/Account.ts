// Original file: assent/payment/v1/payment.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';

export interface AccountInput {
  'accountId'?: (string);
  'balance'?: (_assent_type_v1_MoneyInput | null);
  'held'?: (_assent_type_v1_MoneyInput | null);
}

export interface Account {
  'accountId': (string);
  'balance': (_assent_type_v1_Money | null);
  'held': (_assent_type_v1_Money | null);
}
