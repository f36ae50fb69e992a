// The API's documentation, drawn from openapi.json.
import { el, prose } from './dom.js';
import { fields, resolve, typeName } from './schema.js';
import { tryIt } from './try.js';

const api = await (await fetch('/openapi.json')).json();
const operations = Object.entries(api.paths).flatMap(([path, verbs]) =>
  Object.entries(verbs).map(([verb, operation]) => ({ path, verb, ...operation })),
);

document
  .querySelector('nav')
  .append(
    el('a', { className: 'home', href: '/' }, api.info.title),
    ...api.tags.flatMap(({ name }) => [
      el('h2', {}, name),
      ...operationsOf(name).map(({ operationId, verb }) =>
        el('a', { href: `#${operationId}` }, badge(verb), words(operationId)),
      ),
    ]),
  );
document
  .querySelector('main')
  .replaceChildren(
    el('h1', {}, `${api.info.title} API`),
    el('p', { className: 'lead' }, api.info.summary),
    ...prose(api.info.description),
    ...api.tags.flatMap(({ name, description }) => [
      el('h2', {}, name),
      ...prose(description),
      ...operationsOf(name).map(card),
    ]),
  );
// The browser looked for it before it was there.
document.getElementById(location.hash.slice(1))?.scrollIntoView();

function operationsOf(tag) {
  return operations.filter(({ tags }) => tags.includes(tag));
}

function card(operation) {
  const { operationId, verb, path, description, parameters, requestBody, responses, security } = operation;
  const bodySchema = requestBody?.content['application/json'].schema;
  const [[status, response]] = Object.entries(responses);
  const [[media, { schema }]] = Object.entries(response.content);
  return el(
    'article',
    { id: operationId },
    el('h3', {}, badge(verb), el('code', {}, path)),
    el('h4', {}, words(operationId)),
    prose(description),
    security && prose('For operators only: with `Authorization: Bearer` and a token.'),
    parameters.length > 0 && section('Parameters', el('dl', { className: 'fields' }, parameters.flatMap(parameter))),
    bodySchema && Object.keys(bodySchema.properties).length > 0 && section('Body', fields(bodySchema, api)),
    section(
      `${status} ${typeName(schema, api)}, ${media}`,
      el('details', {}, el('summary', {}, 'fields'), fields(schema, api)),
    ),
    media === 'text/event-stream' && prose(response.description),
    tryIt(operation, api),
  );
}

function parameter({ name, in: place, required, description, schema }) {
  const { enum: values } = resolve(schema, api);
  return [
    el('dt', {}, el('code', {}, name), el('span', { className: 'type' }, `${place}${required ? '' : ', optional'}`)),
    el(
      'dd',
      {},
      prose(description),
      values &&
        el(
          'p',
          {},
          values.flatMap((value) => [el('code', {}, value), ' ']),
        ),
    ),
  ];
}

function section(title, ...content) {
  return el('section', {}, el('h5', {}, title), content);
}

function badge(verb) {
  return el('b', { className: `verb ${verb}` }, verb.toUpperCase());
}

/** `PlaceOrder` is “Place order”. */
function words(operationId) {
  return operationId.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
