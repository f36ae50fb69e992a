// Original file: assent/inventory/v1/inventory.proto

import type { ProductInput as _assent_inventory_v1_ProductInput, Product as _assent_inventory_v1_Product } from '../../../assent/inventory/v1/Product.ts';

export interface BatchGetProductsResponseInput {
  'products'?: (_assent_inventory_v1_ProductInput)[];
}

export interface BatchGetProductsResponse {
  'products': (_assent_inventory_v1_Product)[];
}
