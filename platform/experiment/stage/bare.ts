// The catalogue's GetProduct with nothing but grpc-js, to compare with.
import { installDiscovery } from '@assent/discovery';
import { InventoryService } from '@assent/protos';
import type { GetProductRequest } from '@assent/protos/inventory/v1/GetProductRequest.ts';
import type { GetProductResponse } from '@assent/protos/inventory/v1/GetProductResponse.ts';
import {
  Client,
  credentials,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';

type GetProduct = MethodDefinition<GetProductRequest, GetProductResponse>;

const { GetProduct: method } = InventoryService.definition as unknown as { GetProduct: GetProduct };

/** Answers every call at once, with the name. Fulfilled with the port. */
export function serveBare(name: string): Promise<number> {
  const server = new Server();
  const getProduct = (
    { request: { sku } }: ServerUnaryCall<GetProductRequest, GetProductResponse>,
    reply: sendUnaryData<unknown>,
  ) => reply(null, { product: { sku, name } });
  server.addService({ GetProduct: method }, { GetProduct: getProduct });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** Calls with what grpc-js itself has for the service config. The targets and balancers of discovery work there too. */
export function connectBare(target: string, serviceConfig: object, timeout_ms: number) {
  installDiscovery();
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify(serviceConfig),
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_http_proxy': 0,
  });
  return {
    getProduct: (request: GetProductRequest) =>
      new Promise<GetProductResponse>((resolve, reject) => {
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          request,
          { deadline: Date.now() + timeout_ms },
          (error, response) => (error ? reject(error) : resolve(response as GetProductResponse)),
        );
      }),
    close: () => client.close(),
  };
}
