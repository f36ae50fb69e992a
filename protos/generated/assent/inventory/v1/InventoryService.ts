// Original file: assent/inventory/v1/inventory.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { BatchGetProductsRequestInput as _assent_inventory_v1_BatchGetProductsRequestInput, BatchGetProductsRequest as _assent_inventory_v1_BatchGetProductsRequest } from '../../../assent/inventory/v1/BatchGetProductsRequest.ts';
import type { BatchGetProductsResponseInput as _assent_inventory_v1_BatchGetProductsResponseInput, BatchGetProductsResponse as _assent_inventory_v1_BatchGetProductsResponse } from '../../../assent/inventory/v1/BatchGetProductsResponse.ts';
import type { CreateProductRequestInput as _assent_inventory_v1_CreateProductRequestInput, CreateProductRequest as _assent_inventory_v1_CreateProductRequest } from '../../../assent/inventory/v1/CreateProductRequest.ts';
import type { CreateProductResponseInput as _assent_inventory_v1_CreateProductResponseInput, CreateProductResponse as _assent_inventory_v1_CreateProductResponse } from '../../../assent/inventory/v1/CreateProductResponse.ts';
import type { GetProductRequestInput as _assent_inventory_v1_GetProductRequestInput, GetProductRequest as _assent_inventory_v1_GetProductRequest } from '../../../assent/inventory/v1/GetProductRequest.ts';
import type { GetProductResponseInput as _assent_inventory_v1_GetProductResponseInput, GetProductResponse as _assent_inventory_v1_GetProductResponse } from '../../../assent/inventory/v1/GetProductResponse.ts';
import type { ListProductsRequestInput as _assent_inventory_v1_ListProductsRequestInput, ListProductsRequest as _assent_inventory_v1_ListProductsRequest } from '../../../assent/inventory/v1/ListProductsRequest.ts';
import type { ListProductsResponseInput as _assent_inventory_v1_ListProductsResponseInput, ListProductsResponse as _assent_inventory_v1_ListProductsResponse } from '../../../assent/inventory/v1/ListProductsResponse.ts';
import type { ListReservationsRequestInput as _assent_inventory_v1_ListReservationsRequestInput, ListReservationsRequest as _assent_inventory_v1_ListReservationsRequest } from '../../../assent/inventory/v1/ListReservationsRequest.ts';
import type { ListReservationsResponseInput as _assent_inventory_v1_ListReservationsResponseInput, ListReservationsResponse as _assent_inventory_v1_ListReservationsResponse } from '../../../assent/inventory/v1/ListReservationsResponse.ts';
import type { RestockProductRequestInput as _assent_inventory_v1_RestockProductRequestInput, RestockProductRequest as _assent_inventory_v1_RestockProductRequest } from '../../../assent/inventory/v1/RestockProductRequest.ts';
import type { RestockProductResponseInput as _assent_inventory_v1_RestockProductResponseInput, RestockProductResponse as _assent_inventory_v1_RestockProductResponse } from '../../../assent/inventory/v1/RestockProductResponse.ts';

export interface InventoryServiceClient extends grpc.Client {
  BatchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  BatchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  BatchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  BatchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  batchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  batchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  batchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  batchGetProducts(argument: _assent_inventory_v1_BatchGetProductsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_BatchGetProductsResponse>): grpc.ClientUnaryCall;
  
  CreateProduct(argument: _assent_inventory_v1_CreateProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  CreateProduct(argument: _assent_inventory_v1_CreateProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  CreateProduct(argument: _assent_inventory_v1_CreateProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  CreateProduct(argument: _assent_inventory_v1_CreateProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  createProduct(argument: _assent_inventory_v1_CreateProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  createProduct(argument: _assent_inventory_v1_CreateProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  createProduct(argument: _assent_inventory_v1_CreateProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  createProduct(argument: _assent_inventory_v1_CreateProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_CreateProductResponse>): grpc.ClientUnaryCall;
  
  GetProduct(argument: _assent_inventory_v1_GetProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  GetProduct(argument: _assent_inventory_v1_GetProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  GetProduct(argument: _assent_inventory_v1_GetProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  GetProduct(argument: _assent_inventory_v1_GetProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  getProduct(argument: _assent_inventory_v1_GetProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  getProduct(argument: _assent_inventory_v1_GetProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  getProduct(argument: _assent_inventory_v1_GetProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  getProduct(argument: _assent_inventory_v1_GetProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_GetProductResponse>): grpc.ClientUnaryCall;
  
  ListProducts(argument: _assent_inventory_v1_ListProductsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  ListProducts(argument: _assent_inventory_v1_ListProductsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  ListProducts(argument: _assent_inventory_v1_ListProductsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  ListProducts(argument: _assent_inventory_v1_ListProductsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  listProducts(argument: _assent_inventory_v1_ListProductsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  listProducts(argument: _assent_inventory_v1_ListProductsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  listProducts(argument: _assent_inventory_v1_ListProductsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  listProducts(argument: _assent_inventory_v1_ListProductsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_ListProductsResponse>): grpc.ClientUnaryCall;
  
  ListReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  ListReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  ListReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  ListReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  listReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  listReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  listReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  listReservations(argument: _assent_inventory_v1_ListReservationsRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_ListReservationsResponse>): grpc.ClientUnaryCall;
  
  RestockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  RestockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  RestockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  RestockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  restockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  restockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  restockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  restockProduct(argument: _assent_inventory_v1_RestockProductRequestInput, callback: grpc.requestCallback<_assent_inventory_v1_RestockProductResponse>): grpc.ClientUnaryCall;
  
}

export interface InventoryServiceHandlers extends grpc.UntypedServiceImplementation {
  BatchGetProducts: grpc.handleUnaryCall<_assent_inventory_v1_BatchGetProductsRequest, _assent_inventory_v1_BatchGetProductsResponseInput>;
  
  CreateProduct: grpc.handleUnaryCall<_assent_inventory_v1_CreateProductRequest, _assent_inventory_v1_CreateProductResponseInput>;
  
  GetProduct: grpc.handleUnaryCall<_assent_inventory_v1_GetProductRequest, _assent_inventory_v1_GetProductResponseInput>;
  
  ListProducts: grpc.handleUnaryCall<_assent_inventory_v1_ListProductsRequest, _assent_inventory_v1_ListProductsResponseInput>;
  
  ListReservations: grpc.handleUnaryCall<_assent_inventory_v1_ListReservationsRequest, _assent_inventory_v1_ListReservationsResponseInput>;
  
  RestockProduct: grpc.handleUnaryCall<_assent_inventory_v1_RestockProductRequest, _assent_inventory_v1_RestockProductResponseInput>;
  
}

export interface InventoryServiceDefinition extends grpc.ServiceDefinition {
  BatchGetProducts: MethodDefinition<_assent_inventory_v1_BatchGetProductsRequestInput, _assent_inventory_v1_BatchGetProductsResponseInput, _assent_inventory_v1_BatchGetProductsRequest, _assent_inventory_v1_BatchGetProductsResponse>
  CreateProduct: MethodDefinition<_assent_inventory_v1_CreateProductRequestInput, _assent_inventory_v1_CreateProductResponseInput, _assent_inventory_v1_CreateProductRequest, _assent_inventory_v1_CreateProductResponse>
  GetProduct: MethodDefinition<_assent_inventory_v1_GetProductRequestInput, _assent_inventory_v1_GetProductResponseInput, _assent_inventory_v1_GetProductRequest, _assent_inventory_v1_GetProductResponse>
  ListProducts: MethodDefinition<_assent_inventory_v1_ListProductsRequestInput, _assent_inventory_v1_ListProductsResponseInput, _assent_inventory_v1_ListProductsRequest, _assent_inventory_v1_ListProductsResponse>
  ListReservations: MethodDefinition<_assent_inventory_v1_ListReservationsRequestInput, _assent_inventory_v1_ListReservationsResponseInput, _assent_inventory_v1_ListReservationsRequest, _assent_inventory_v1_ListReservationsResponse>
  RestockProduct: MethodDefinition<_assent_inventory_v1_RestockProductRequestInput, _assent_inventory_v1_RestockProductResponseInput, _assent_inventory_v1_RestockProductRequest, _assent_inventory_v1_RestockProductResponse>
}
