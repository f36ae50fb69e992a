// Original file: assent/inventory/v1/inventory.proto

import type { ProductInput as _assent_inventory_v1_ProductInput, Product as _assent_inventory_v1_Product } from '../../../assent/inventory/v1/Product.ts';

export interface CreateProductResponseInput {
  'product'?: (_assent_inventory_v1_ProductInput | null);
}

export interface CreateProductResponse {
  'product': (_assent_inventory_v1_Product | null);
}
