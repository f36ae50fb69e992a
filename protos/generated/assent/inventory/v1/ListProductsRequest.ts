// Original file: assent/inventory/v1/inventory.proto


export interface ListProductsRequestInput {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListProductsRequest {
  'pageSize': (number);
  'pageToken': (string);
}
