// Schemas as people read them, and examples of them.
import { el, prose } from './dom.js';

/** Follows a reference; what stands beside it wins. */
export function resolve(schema, api) {
  if (!schema.$ref) return schema;
  const named = schema.$ref
    .slice(2)
    .split('/')
    .reduce((node, key) => node[key], api);
  const { $ref, ...beside } = schema;
  return { name: $ref.split('/').at(-1), ...named, ...beside };
}

/** A table of an object's fields; those that are objects unfold. */
export function fields(schema, api) {
  const { properties = {} } = element(schema, api);
  const rows = Object.entries(properties).map(([name, property]) => field(name, property, api));
  return rows.length > 0
    ? el('dl', { className: 'fields' }, rows.flat())
    : el('p', { className: 'faint' }, 'No fields.');
}

function field(name, property, api) {
  const inner = element(property, api);
  const { description } = property.$ref ? { ...resolve(property, api), ...property } : property;
  return [
    el('dt', {}, el('code', {}, name), el('span', { className: 'type' }, typeName(property, api))),
    el(
      'dd',
      {},
      prose(description ?? inner.description),
      inner.enum &&
        el(
          'p',
          {},
          inner.enum.flatMap((value) => [el('code', {}, value), ' ']),
        ),
      inner.properties && el('details', {}, el('summary', {}, 'fields'), fields(inner, api)),
    ),
  ];
}

/** The schema, or of a list that of its elements. */
function element(schema, api) {
  const resolved = resolve(schema, api);
  return resolved.type === 'array' ? resolve(resolved.items, api) : resolved;
}

export function typeName(schema, api) {
  const { type, items, format, pattern, name, enum: values } = resolve(schema, api);
  if (type === 'array') return `list of ${typeName(items, api)}`;
  if (values) return 'enum';
  if (type === 'object') return name ?? 'object';
  return format ?? (pattern?.startsWith('^-?[0-9]{') ? 'int64, as a string' : type);
}

const examples = {
  accountId: 'alice',
  sku: 'green-tea',
  quantity: 1,
  currency: 'EUR',
  amount: '1999',
  name: 'Green tea, 100 g',
};

/** A value that fits a schema. */
export function example(schema, api, name = '') {
  const { type, items, properties, enum: values } = resolve(schema, api);
  if (type === 'object') {
    return Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, example(value, api, key)]));
  }
  if (type === 'array') return [example(items, api, name)];
  if (values) return values[0];
  return examples[name] ?? (type === 'integer' ? 1 : '');
}
