// The public API: every method that says in its contract, by google.api.http, where it is in HTTP. REST, gRPC and OpenAPI follow from this table.
import type { Method, Type } from 'protobufjs';
import { backends, contracts } from './contracts.ts';

export type Verb = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

export interface Route {
  /** The backend's name in discovery. */
  readonly backend: string;
  /** The full name of its service. */
  readonly service: string;
  /** With the name and comment that the contract gives it. */
  readonly method: Method;
  readonly request: Type;
  readonly response: Type;
  readonly verb: Verb;
  /** Such as `/v1/orders/{order_id}:cancel`. */
  readonly template: string;
  /** The fields in the path, in its order. */
  readonly pathFields: readonly string[];
  /** All fields that are neither in the path nor in a header are in the body; without a body they are in the query. */
  readonly hasBody: boolean;
  /** The field of the response that is the body; all of it when undefined. */
  readonly responseField: string | undefined;
  /** The field that the header Idempotency-Key fills, if the request has one. */
  readonly keyField: 'idempotency_key' | undefined;
  /** Of the answer when all went well. */
  readonly status: 200 | 201;
  /** Who may call it: whoever has a token with this scope. Everybody when undefined. */
  readonly scope: string | undefined;
}

interface HttpRule {
  readonly body?: string;
  readonly response_body?: string;
  readonly additional_bindings?: unknown;
  readonly [verb: string]: unknown;
}

const verbs: readonly Verb[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'];

export const routes: readonly Route[] = backends.flatMap(({ name, service }) =>
  contracts
    .lookupService(service.name)
    .methodsArray.map((method) => [method, option(method, 'google.api.http') as HttpRule | undefined] as const)
    .flatMap(([method, rule]) => (rule ? [route(name, service.name, method, rule)] : [])),
);

function option(method: Method, name: string): unknown {
  return Object.assign({}, ...(method.parsedOptions ?? []))[`(${name})`];
}

function route(backend: string, service: string, method: Method, rule: HttpRule): Route {
  method.resolve();
  const { resolvedRequestType: request, resolvedResponseType: response } = method;
  const verb = verbs.find((verb) => rule[verb.toLowerCase()] !== undefined);
  const { body, response_body: responseField } = rule;
  if (!request || !response || !verb || (body ?? '*') !== '*' || rule.additional_bindings || method.requestStream) {
    throw new Error(`${method.fullName}: such an annotation is not supported`);
  }
  const template = rule[verb.toLowerCase()] as string;
  return {
    backend,
    service,
    method,
    request,
    response,
    verb,
    template,
    pathFields: Array.from(template.matchAll(/\{(\w+)\}/g), ([, field]) => field!),
    hasBody: body !== undefined,
    responseField,
    keyField: request.fields.idempotency_key && 'idempotency_key',
    status: verb === 'POST' && !template.includes(':') ? 201 : 200,
    scope: option(method, 'assent.type.v1.scope') as string | undefined,
  };
}
