// The description of the public API for programs, from the same table and descriptors that serve it.
import type { Field } from 'protobufjs';
import { contracts, jsonName } from './contracts.ts';
import { type Route, routes } from './routes.ts';
import { description, fieldSchema, messageSchema, objectSchema, type Schema, type Schemas } from './schemas.ts';

const json = 'application/json';
const problemReference = { $ref: '#/components/responses/Problem' };

/** An OpenAPI 3.1 document. */
export function openApi(): Schema {
  const schemas: Schemas = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.template.replace(/\{(\w+)\}/g, (_, field: string) => `{${jsonName(field)}}`);
    paths[path] = { ...paths[path], [route.verb.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Assent',
      version: 'v1',
      summary: 'A shop over several services and databases, whose transactions never end half done.',
      description: conventions,
    },
    servers: [{ url: '/' }],
    tags: tags(),
    paths,
    components: {
      schemas: { ...schemas, Problem: problemSchema },
      responses: { Problem: problemResponse },
      securitySchemes: { operator: operatorScheme },
    },
  };
}

const conventions = `Messages are in the [proto3 JSON mapping](https://protobuf.dev/programming-guides/json): 64-bit integers are strings
(a number that is exact will do in a request), enums are names, times are RFC 3339. In a request \`null\` means absent, and a field
that isn't known is an error. A field that is in the path or in a header can't be in the body too.

Requests with an \`Idempotency-Key\` can be repeated: the same key with the same request has one effect and the same answer;
with another request it is an error, 422.

Errors are [problem details](https://www.rfc-editor.org/rfc/rfc9457): \`code\` is the gRPC status, \`reason\` tells programs more,
\`violations\` names the fields at fault. 429 (this client has asked for too much) and 503 say in \`Retry-After\` when to try again.

What repairs transactions is for operators only: \`Authorization: Bearer\` and a token. So is seeing who repaired one, and why.

The same API is there as gRPC, with reflection.`;

function tags(): Schema[] {
  const services = [...new Set(routes.map(({ service }) => service))];
  return services.map((service) => ({ name: tag(service), ...description(contracts.lookupService(service)) }));
}

/** `assent.order.v1.OrderService` is `Order`. */
function tag(service: string): string {
  return service
    .split('.')
    .at(-1)!
    .replace(/Service$/, '');
}

function operation(route: Route, schemas: Schemas): Schema {
  const { method, service, request, status, hasBody } = route;
  const fields = request.fieldsArray.filter(({ name }) => !route.pathFields.includes(name) && name !== route.keyField);
  return {
    operationId: method.name,
    tags: [tag(service)],
    ...description(method),
    parameters: parameters(route, hasBody ? [] : fields, schemas),
    ...(hasBody && { requestBody: { content: { [json]: { schema: objectSchema(fields, schemas) } } } }),
    responses: { [status]: success(route, schemas), default: problemReference },
    ...(route.scope !== undefined && { security: [{ [route.scope]: [] }] }),
  };
}

function parameters(
  { pathFields, request, keyField }: Route,
  queryFields: readonly Field[],
  schemas: Schemas,
): Schema[] {
  const parameter = (place: string, field: Field, name = jsonName(field.name)) => {
    const { description, ...schema } = fieldSchema(field, schemas);
    return {
      name,
      in: place,
      ...(place !== 'query' && { required: true }),
      ...(description !== undefined && { description }),
      schema,
    };
  };
  return [
    ...pathFields.map((name) => parameter('path', request.fields[name]!)),
    ...queryFields.map((field) => parameter('query', field)),
    ...(keyField ? [parameter('header', request.fields[keyField]!, 'Idempotency-Key')] : []),
  ];
}

function success({ method, response, responseField, status }: Route, schemas: Schemas): Schema {
  const schema = responseField
    ? fieldSchema(response.fields[responseField]!, schemas)
    : messageSchema(response, schemas);
  if (!method.responseStream)
    return { description: status === 201 ? 'Created' : 'OK', content: { [json]: { schema } } };
  return {
    description:
      'Server-sent events: each has one JSON document as its data. Then `end`, or `problem` with a problem document; when it just ends, ask again.',
    content: { 'text/event-stream': { schema } },
  };
}

const operatorScheme: Schema = {
  type: 'http',
  scheme: 'bearer',
  description: 'The token of an operator. Without one it is 401, with one that is of no use here 403.',
};

const problemSchema: Schema = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string', description: 'The name of the HTTP status.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'For people.' },
    code: { type: 'string', description: 'The gRPC status.', examples: ['INVALID_ARGUMENT'] },
    reason: { type: 'string', description: 'For programs.', examples: ['IDEMPOTENCY_KEY_REUSED'] },
    violations: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          field: { type: 'string', examples: ['lines[0].quantity'] },
          description: { type: 'string' },
        },
      },
    },
    traceId: { type: 'string', description: 'To find the request in traces and logs.' },
  },
};

const problemResponse: Schema = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
