// Original file: assent/payment/v1/payment.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateAccountRequestInput as _assent_payment_v1_CreateAccountRequestInput, CreateAccountRequest as _assent_payment_v1_CreateAccountRequest } from '../../../assent/payment/v1/CreateAccountRequest.ts';
import type { CreateAccountResponseInput as _assent_payment_v1_CreateAccountResponseInput, CreateAccountResponse as _assent_payment_v1_CreateAccountResponse } from '../../../assent/payment/v1/CreateAccountResponse.ts';
import type { DepositMoneyRequestInput as _assent_payment_v1_DepositMoneyRequestInput, DepositMoneyRequest as _assent_payment_v1_DepositMoneyRequest } from '../../../assent/payment/v1/DepositMoneyRequest.ts';
import type { DepositMoneyResponseInput as _assent_payment_v1_DepositMoneyResponseInput, DepositMoneyResponse as _assent_payment_v1_DepositMoneyResponse } from '../../../assent/payment/v1/DepositMoneyResponse.ts';
import type { GetAccountRequestInput as _assent_payment_v1_GetAccountRequestInput, GetAccountRequest as _assent_payment_v1_GetAccountRequest } from '../../../assent/payment/v1/GetAccountRequest.ts';
import type { GetAccountResponseInput as _assent_payment_v1_GetAccountResponseInput, GetAccountResponse as _assent_payment_v1_GetAccountResponse } from '../../../assent/payment/v1/GetAccountResponse.ts';
import type { ListAccountsRequestInput as _assent_payment_v1_ListAccountsRequestInput, ListAccountsRequest as _assent_payment_v1_ListAccountsRequest } from '../../../assent/payment/v1/ListAccountsRequest.ts';
import type { ListAccountsResponseInput as _assent_payment_v1_ListAccountsResponseInput, ListAccountsResponse as _assent_payment_v1_ListAccountsResponse } from '../../../assent/payment/v1/ListAccountsResponse.ts';
import type { ListEntriesRequestInput as _assent_payment_v1_ListEntriesRequestInput, ListEntriesRequest as _assent_payment_v1_ListEntriesRequest } from '../../../assent/payment/v1/ListEntriesRequest.ts';
import type { ListEntriesResponseInput as _assent_payment_v1_ListEntriesResponseInput, ListEntriesResponse as _assent_payment_v1_ListEntriesResponse } from '../../../assent/payment/v1/ListEntriesResponse.ts';

export interface PaymentServiceClient extends grpc.Client {
  CreateAccount(argument: _assent_payment_v1_CreateAccountRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  CreateAccount(argument: _assent_payment_v1_CreateAccountRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  CreateAccount(argument: _assent_payment_v1_CreateAccountRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  CreateAccount(argument: _assent_payment_v1_CreateAccountRequestInput, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  createAccount(argument: _assent_payment_v1_CreateAccountRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  createAccount(argument: _assent_payment_v1_CreateAccountRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  createAccount(argument: _assent_payment_v1_CreateAccountRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  createAccount(argument: _assent_payment_v1_CreateAccountRequestInput, callback: grpc.requestCallback<_assent_payment_v1_CreateAccountResponse>): grpc.ClientUnaryCall;
  
  DepositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  DepositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  DepositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  DepositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  depositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  depositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  depositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  depositMoney(argument: _assent_payment_v1_DepositMoneyRequestInput, callback: grpc.requestCallback<_assent_payment_v1_DepositMoneyResponse>): grpc.ClientUnaryCall;
  
  GetAccount(argument: _assent_payment_v1_GetAccountRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  GetAccount(argument: _assent_payment_v1_GetAccountRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  GetAccount(argument: _assent_payment_v1_GetAccountRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  GetAccount(argument: _assent_payment_v1_GetAccountRequestInput, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  getAccount(argument: _assent_payment_v1_GetAccountRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  getAccount(argument: _assent_payment_v1_GetAccountRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  getAccount(argument: _assent_payment_v1_GetAccountRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  getAccount(argument: _assent_payment_v1_GetAccountRequestInput, callback: grpc.requestCallback<_assent_payment_v1_GetAccountResponse>): grpc.ClientUnaryCall;
  
  ListAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  ListAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  ListAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  ListAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  listAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  listAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  listAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  listAccounts(argument: _assent_payment_v1_ListAccountsRequestInput, callback: grpc.requestCallback<_assent_payment_v1_ListAccountsResponse>): grpc.ClientUnaryCall;
  
  ListEntries(argument: _assent_payment_v1_ListEntriesRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  ListEntries(argument: _assent_payment_v1_ListEntriesRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  ListEntries(argument: _assent_payment_v1_ListEntriesRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  ListEntries(argument: _assent_payment_v1_ListEntriesRequestInput, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  listEntries(argument: _assent_payment_v1_ListEntriesRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  listEntries(argument: _assent_payment_v1_ListEntriesRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  listEntries(argument: _assent_payment_v1_ListEntriesRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  listEntries(argument: _assent_payment_v1_ListEntriesRequestInput, callback: grpc.requestCallback<_assent_payment_v1_ListEntriesResponse>): grpc.ClientUnaryCall;
  
}

export interface PaymentServiceHandlers extends grpc.UntypedServiceImplementation {
  CreateAccount: grpc.handleUnaryCall<_assent_payment_v1_CreateAccountRequest, _assent_payment_v1_CreateAccountResponseInput>;
  
  DepositMoney: grpc.handleUnaryCall<_assent_payment_v1_DepositMoneyRequest, _assent_payment_v1_DepositMoneyResponseInput>;
  
  GetAccount: grpc.handleUnaryCall<_assent_payment_v1_GetAccountRequest, _assent_payment_v1_GetAccountResponseInput>;
  
  ListAccounts: grpc.handleUnaryCall<_assent_payment_v1_ListAccountsRequest, _assent_payment_v1_ListAccountsResponseInput>;
  
  ListEntries: grpc.handleUnaryCall<_assent_payment_v1_ListEntriesRequest, _assent_payment_v1_ListEntriesResponseInput>;
  
}

export interface PaymentServiceDefinition extends grpc.ServiceDefinition {
  CreateAccount: MethodDefinition<_assent_payment_v1_CreateAccountRequestInput, _assent_payment_v1_CreateAccountResponseInput, _assent_payment_v1_CreateAccountRequest, _assent_payment_v1_CreateAccountResponse>
  DepositMoney: MethodDefinition<_assent_payment_v1_DepositMoneyRequestInput, _assent_payment_v1_DepositMoneyResponseInput, _assent_payment_v1_DepositMoneyRequest, _assent_payment_v1_DepositMoneyResponse>
  GetAccount: MethodDefinition<_assent_payment_v1_GetAccountRequestInput, _assent_payment_v1_GetAccountResponseInput, _assent_payment_v1_GetAccountRequest, _assent_payment_v1_GetAccountResponse>
  ListAccounts: MethodDefinition<_assent_payment_v1_ListAccountsRequestInput, _assent_payment_v1_ListAccountsResponseInput, _assent_payment_v1_ListAccountsRequest, _assent_payment_v1_ListAccountsResponse>
  ListEntries: MethodDefinition<_assent_payment_v1_ListEntriesRequestInput, _assent_payment_v1_ListEntriesResponseInput, _assent_payment_v1_ListEntriesRequest, _assent_payment_v1_ListEntriesResponse>
}
