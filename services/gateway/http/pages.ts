// What is beside the API: its description, its documentation, and health for load balancers.
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openApi } from '../api/openapi.ts';
import type { Backends } from '../backends.ts';
import { problem, sendAnswer } from './problem.ts';

const readyTimeout_ms = 2000;
// Nothing is loaded from elsewhere.
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const pages = { '/': 'index.html', '/docs': 'docs.html' };
const parts = ['docs.js', 'dom.js', 'schema.js', 'try.js', 'docs.css', 'icon.svg'];
const files = { ...pages, ...Object.fromEntries(parts.map((file) => [`/docs/${file}`, file])) };
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export function addPages(app: FastifyInstance, backends: Backends): void {
  for (const [url, file] of Object.entries(files)) {
    const content = readFileSync(join(import.meta.dirname, '../docs', file), 'utf8');
    const headers = { 'content-type': `${types[extname(file)]}; charset=utf-8`, 'content-security-policy': policy };
    app.get(url, (_request, reply) => reply.headers(headers).send(content));
  }
  const description = JSON.stringify(openApi());
  app.get('/openapi.json', (_request, reply) => reply.header('content-type', 'application/json').send(description));
  app.get('/healthz', (_request, reply) => reply.send({ status: 'alive' }));
  addReadiness(app, backends);
}

/** Ready while every service has a replica that is. */
function addReadiness(app: FastifyInstance, backends: Backends): void {
  // However many ask, the services are asked once at a time.
  let asking: Promise<Record<string, boolean>> | undefined;
  app.get('/readyz', async (_request, reply) => {
    asking ??= backends.ready(readyTimeout_ms).finally(() => {
      asking = undefined;
    });
    const services = await asking;
    const missing = Object.keys(services).filter((name) => !services[name]);
    if (missing.length === 0) return { status: 'ready', services };
    const headers = { 'retry-after': '1' };
    return sendAnswer(reply, problem(503, 'UNAVAILABLE', `not ready: ${missing.join(', ')}`, { headers }));
  });
}
