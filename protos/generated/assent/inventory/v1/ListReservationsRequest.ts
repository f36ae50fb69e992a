// Original file: assent/inventory/v1/inventory.proto


export interface ListReservationsRequestInput {
  'sku'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListReservationsRequest {
  'sku': (string);
  'pageSize': (number);
  'pageToken': (string);
}
