// A form that sends requests, and shows what comes back.
import { el } from './dom.js';
import { example, resolve } from './schema.js';

const streamMedia = 'text/event-stream';
const authorization = { name: 'Authorization', in: 'header', schema: { type: 'string', const: 'Bearer TOKEN' } };

export function tryIt(operation, api) {
  const parameters = operation.security ? [...operation.parameters, authorization] : operation.parameters;
  const inputs = parameters.map((parameter) => ({ parameter, input: inputOf(parameter, api) }));
  const body = bodyInput(operation, api);
  const output = el('pre', { className: 'output', hidden: true });
  const command = el('pre', { className: 'curl' });
  const showCommand = () => {
    command.textContent = curl(requestOf(operation, inputs, body));
  };
  const stop = el('button', { type: 'button', hidden: true }, 'Stop');
  const form = el(
    'form',
    { oninput: showCommand },
    inputs.map(({ parameter, input }) => el('label', {}, el('span', {}, parameter.name), input)),
    body,
    command,
    el('div', {}, el('button', {}, 'Send'), stop),
    output,
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    const controller = new AbortController();
    stop.onclick = () => controller.abort();
    stop.hidden = operation.responses[200]?.content[streamMedia] === undefined;
    output.hidden = false;
    send(requestOf(operation, inputs, body), output, controller.signal).finally(() => {
      stop.hidden = true;
    });
  };
  showCommand();
  return el('details', { className: 'try' }, el('summary', {}, 'Try it'), form);
}

function inputOf({ name, in: place, schema }, api) {
  const { enum: values } = resolve(schema, api);
  if (values)
    return el(
      'select',
      {},
      ['', ...values].map((value) => el('option', { value }, value)),
    );
  const value = schema.const ?? initialValue(place, () => example(schema, api, name));
  return el('input', { value, required: place !== 'query', spellcheck: false });
}

function initialValue(place, example) {
  if (place === 'header') return randomKey();
  return place === 'path' ? example() : '';
}

function bodyInput({ requestBody }, api) {
  const schema = requestBody?.content['application/json'].schema;
  if (!schema || Object.keys(schema.properties).length === 0) return undefined;
  const value = JSON.stringify(example(schema, api), null, 2);
  return el('textarea', { value, rows: value.split('\n').length, spellcheck: false });
}

function requestOf({ verb, path, requestBody }, inputs, body) {
  const values = (place) => inputs.filter(({ parameter, input }) => parameter.in === place && input.value !== '');
  const filled = values('path').reduce(
    (text, { parameter, input }) => text.replace(`{${parameter.name}}`, encodeURIComponent(input.value)),
    path,
  );
  const query = new URLSearchParams(values('query').map(({ parameter, input }) => [parameter.name, input.value]));
  const headers = Object.fromEntries(values('header').map(({ parameter, input }) => [parameter.name, input.value]));
  if (body) headers['Content-Type'] = 'application/json';
  const url = `${filled}${query.size > 0 ? `?${query}` : ''}`;
  return { url, method: verb.toUpperCase(), headers, ...(requestBody && body && { body: body.value }) };
}

function curl({ url, method, headers, body }) {
  const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${quote(location.origin + url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quote(body.replace(/\n\s*/g, ' '))}`]),
  ].join(' \\\n  ');
}

async function send({ url, ...init }, output, signal) {
  const start = performance.now();
  output.textContent = '…';
  try {
    const response = await fetch(url, { ...init, signal });
    output.textContent = `${response.status} ${response.statusText}, ${Math.round(performance.now() - start)} ms\n\n`;
    if (response.headers.get('content-type').startsWith(streamMedia)) return await showStream(response, output);
    output.append(JSON.stringify(await response.json(), null, 2));
  } catch (error) {
    output.append(`\n${error.message}`);
  }
}

async function showStream(response, output) {
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) output.append(text);
}

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
