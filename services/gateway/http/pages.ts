// What is beside the API: its description, its documentation, and health for load balancers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { openApi } from '../api/openapi.ts';
import type { Backends } from '../backends.ts';
import { problem, sendAnswer } from './problem.ts';

const readyTimeout_ms = 2000;
// Nothing is loaded from elsewhere.
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const files = [
  { url: '/', file: 'index.html', type: 'text/html' },
  { url: '/docs', file: 'docs.html', type: 'text/html' },
  { url: '/docs/docs.js', file: 'docs.js', type: 'text/javascript' },
  { url: '/docs/docs.css', file: 'docs.css', type: 'text/css' },
];

export function addPages(app: FastifyInstance, backends: Backends): void {
  for (const { url, file, type } of files) {
    const content = readFileSync(join(import.meta.dirname, '../docs', file), 'utf8');
    const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy };
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
    sendAnswer(
      reply,
      problem(503, 'UNAVAILABLE', `not ready: ${missing.join(', ')}`, { headers: { 'retry-after': '1' } }),
    );
    return reply;
  });
}
