// Original file: assent/inventory/v1/inventory.proto


export interface BatchGetProductsRequestInput {
  'skus'?: (string)[];
}

export interface BatchGetProductsRequest {
  'skus': (string)[];
}
