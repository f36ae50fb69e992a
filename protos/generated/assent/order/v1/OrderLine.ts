// Original file: assent/order/v1/order.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';

export interface OrderLineInput {
  'sku'?: (string);
  'quantity'?: (number);
  'unitPrice'?: (_assent_type_v1_MoneyInput | null);
}

export interface OrderLine {
  'sku': (string);
  'quantity': (number);
  'unitPrice': (_assent_type_v1_Money | null);
}
