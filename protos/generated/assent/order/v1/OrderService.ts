// Original file: assent/order/v1/order.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CancelOrderRequestInput as _assent_order_v1_CancelOrderRequestInput, CancelOrderRequest as _assent_order_v1_CancelOrderRequest } from '../../../assent/order/v1/CancelOrderRequest.ts';
import type { CancelOrderResponseInput as _assent_order_v1_CancelOrderResponseInput, CancelOrderResponse as _assent_order_v1_CancelOrderResponse } from '../../../assent/order/v1/CancelOrderResponse.ts';
import type { GetOrderRequestInput as _assent_order_v1_GetOrderRequestInput, GetOrderRequest as _assent_order_v1_GetOrderRequest } from '../../../assent/order/v1/GetOrderRequest.ts';
import type { GetOrderResponseInput as _assent_order_v1_GetOrderResponseInput, GetOrderResponse as _assent_order_v1_GetOrderResponse } from '../../../assent/order/v1/GetOrderResponse.ts';
import type { ListOrdersRequestInput as _assent_order_v1_ListOrdersRequestInput, ListOrdersRequest as _assent_order_v1_ListOrdersRequest } from '../../../assent/order/v1/ListOrdersRequest.ts';
import type { ListOrdersResponseInput as _assent_order_v1_ListOrdersResponseInput, ListOrdersResponse as _assent_order_v1_ListOrdersResponse } from '../../../assent/order/v1/ListOrdersResponse.ts';
import type { PlaceOrderRequestInput as _assent_order_v1_PlaceOrderRequestInput, PlaceOrderRequest as _assent_order_v1_PlaceOrderRequest } from '../../../assent/order/v1/PlaceOrderRequest.ts';
import type { PlaceOrderResponseInput as _assent_order_v1_PlaceOrderResponseInput, PlaceOrderResponse as _assent_order_v1_PlaceOrderResponse } from '../../../assent/order/v1/PlaceOrderResponse.ts';
import type { WatchOrderRequestInput as _assent_order_v1_WatchOrderRequestInput, WatchOrderRequest as _assent_order_v1_WatchOrderRequest } from '../../../assent/order/v1/WatchOrderRequest.ts';
import type { WatchOrderResponseInput as _assent_order_v1_WatchOrderResponseInput, WatchOrderResponse as _assent_order_v1_WatchOrderResponse } from '../../../assent/order/v1/WatchOrderResponse.ts';

export interface OrderServiceClient extends grpc.Client {
  CancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  CancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  CancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  CancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  cancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  cancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  cancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  cancelOrder(argument: _assent_order_v1_CancelOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_CancelOrderResponse>): grpc.ClientUnaryCall;
  
  GetOrder(argument: _assent_order_v1_GetOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  GetOrder(argument: _assent_order_v1_GetOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  GetOrder(argument: _assent_order_v1_GetOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  GetOrder(argument: _assent_order_v1_GetOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  getOrder(argument: _assent_order_v1_GetOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  getOrder(argument: _assent_order_v1_GetOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  getOrder(argument: _assent_order_v1_GetOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  getOrder(argument: _assent_order_v1_GetOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_GetOrderResponse>): grpc.ClientUnaryCall;
  
  ListOrders(argument: _assent_order_v1_ListOrdersRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  ListOrders(argument: _assent_order_v1_ListOrdersRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  ListOrders(argument: _assent_order_v1_ListOrdersRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  ListOrders(argument: _assent_order_v1_ListOrdersRequestInput, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  listOrders(argument: _assent_order_v1_ListOrdersRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  listOrders(argument: _assent_order_v1_ListOrdersRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  listOrders(argument: _assent_order_v1_ListOrdersRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  listOrders(argument: _assent_order_v1_ListOrdersRequestInput, callback: grpc.requestCallback<_assent_order_v1_ListOrdersResponse>): grpc.ClientUnaryCall;
  
  PlaceOrder(argument: _assent_order_v1_PlaceOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  PlaceOrder(argument: _assent_order_v1_PlaceOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  PlaceOrder(argument: _assent_order_v1_PlaceOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  PlaceOrder(argument: _assent_order_v1_PlaceOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  placeOrder(argument: _assent_order_v1_PlaceOrderRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  placeOrder(argument: _assent_order_v1_PlaceOrderRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  placeOrder(argument: _assent_order_v1_PlaceOrderRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  placeOrder(argument: _assent_order_v1_PlaceOrderRequestInput, callback: grpc.requestCallback<_assent_order_v1_PlaceOrderResponse>): grpc.ClientUnaryCall;
  
  WatchOrder(argument: _assent_order_v1_WatchOrderRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_order_v1_WatchOrderResponse>;
  WatchOrder(argument: _assent_order_v1_WatchOrderRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_order_v1_WatchOrderResponse>;
  watchOrder(argument: _assent_order_v1_WatchOrderRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_order_v1_WatchOrderResponse>;
  watchOrder(argument: _assent_order_v1_WatchOrderRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_order_v1_WatchOrderResponse>;
  
}

export interface OrderServiceHandlers extends grpc.UntypedServiceImplementation {
  CancelOrder: grpc.handleUnaryCall<_assent_order_v1_CancelOrderRequest, _assent_order_v1_CancelOrderResponseInput>;
  
  GetOrder: grpc.handleUnaryCall<_assent_order_v1_GetOrderRequest, _assent_order_v1_GetOrderResponseInput>;
  
  ListOrders: grpc.handleUnaryCall<_assent_order_v1_ListOrdersRequest, _assent_order_v1_ListOrdersResponseInput>;
  
  PlaceOrder: grpc.handleUnaryCall<_assent_order_v1_PlaceOrderRequest, _assent_order_v1_PlaceOrderResponseInput>;
  
  WatchOrder: grpc.handleServerStreamingCall<_assent_order_v1_WatchOrderRequest, _assent_order_v1_WatchOrderResponseInput>;
  
}

export interface OrderServiceDefinition extends grpc.ServiceDefinition {
  CancelOrder: MethodDefinition<_assent_order_v1_CancelOrderRequestInput, _assent_order_v1_CancelOrderResponseInput, _assent_order_v1_CancelOrderRequest, _assent_order_v1_CancelOrderResponse>
  GetOrder: MethodDefinition<_assent_order_v1_GetOrderRequestInput, _assent_order_v1_GetOrderResponseInput, _assent_order_v1_GetOrderRequest, _assent_order_v1_GetOrderResponse>
  ListOrders: MethodDefinition<_assent_order_v1_ListOrdersRequestInput, _assent_order_v1_ListOrdersResponseInput, _assent_order_v1_ListOrdersRequest, _assent_order_v1_ListOrdersResponse>
  PlaceOrder: MethodDefinition<_assent_order_v1_PlaceOrderRequestInput, _assent_order_v1_PlaceOrderResponseInput, _assent_order_v1_PlaceOrderRequest, _assent_order_v1_PlaceOrderResponse>
  WatchOrder: MethodDefinition<_assent_order_v1_WatchOrderRequestInput, _assent_order_v1_WatchOrderResponseInput, _assent_order_v1_WatchOrderRequest, _assent_order_v1_WatchOrderResponse>
}
