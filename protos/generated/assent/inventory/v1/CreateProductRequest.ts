// Original file: assent/inventory/v1/inventory.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';

export interface CreateProductRequestInput {
  'sku'?: (string);
  'name'?: (string);
  'price'?: (_assent_type_v1_MoneyInput | null);
}

export interface CreateProductRequest {
  'sku': (string);
  'name': (string);
  'price': (_assent_type_v1_Money | null);
}
