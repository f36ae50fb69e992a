// Original file: assent/inventory/v1/inventory.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';
import type { Long } from '@grpc/proto-loader';

export interface ProductInput {
  'sku'?: (string);
  'name'?: (string);
  'price'?: (_assent_type_v1_MoneyInput | null);
  'available'?: (number | string | Long);
  'reserved'?: (number | string | Long);
  'sold'?: (number | string | Long);
  'shard'?: (number);
}

export interface Product {
  'sku': (string);
  'name': (string);
  'price': (_assent_type_v1_Money | null);
  'available': (string);
  'reserved': (string);
  'sold': (string);
  'shard': (number);
}
