// Original file: assent/inventory/v1/inventory.proto


export interface GetProductRequestInput {
  'sku'?: (string);
}

export interface GetProductRequest {
  'sku': (string);
}
