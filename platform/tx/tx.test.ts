// Operators at work: a coordinator and a gateway in processes of their own, a participant that lacks handlers, and the
// command as people use it.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { freePort } from '@assent/ports';
import { CoordinatorService, ParticipantService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Client, connect, implement, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';
import { eventually, type ServiceProcess, startProcess, type TestDatabase, testDatabase } from '@assent/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repository } from '../config.ts';
import { writeEndpoints } from '../start/endpoints.ts';
import type { Transaction } from './api.ts';

const timeout_ms = 180_000;
const token = 'open-sesame';
const directory = mkdtempSync(join(tmpdir(), 'assent-tx-'));
const endpoints = join(directory, 'endpoints.json');
const tokenFile = join(directory, 'token');
const notATokenFile = join(directory, 'not-a-token');
const log = createLogger({ service: 'test', level: 'silent' });
/** Of the participant: the actions whose DELIVER it has a handler for. */
const handlers = new Set<string>();
const closing: (() => unknown)[] = [];
let database: TestDatabase;
let coordinator: Client<CoordinatorServiceHandlers>;
let url: string;
let metricsUrl: string;

beforeAll(async () => {
  database = await testDatabase();
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  writeFileSync(notATokenFile, 'sesame\n');
  const participant = await startParticipant();
  const [metricsPort, httpPort, gatewayMetricsPort] = [await freePort(), await freePort(), await freePort()];
  publish({ shop: participant });
  const { port } = await startService('coordinator', {
    DATABASE_URL: database.url,
    PARTICIPANTS: 'shop',
    LEASE_MS: '60000',
    METRICS_PORT: `${metricsPort}`,
  });
  publish({ shop: participant, coordinator: port });
  await startService('gateway', {
    HTTP_PORT: `${httpPort}`,
    METRICS_PORT: `${gatewayMetricsPort}`,
    OPERATOR_TOKENS: `alice:${createHash('sha256').update(token).digest('hex')}`,
  });
  url = `http://127.0.0.1:${httpPort}`;
  metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  coordinator = connect(CoordinatorService, { target: `127.0.0.1:${port}` });
  closing.push(() => coordinator.close());
}, timeout_ms);

afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await database.drop();
  rmSync(directory, { recursive: true });
}, timeout_ms);

async function startParticipant(): Promise<number> {
  const service = implement(ParticipantService, {
    async *execute({ calls }) {
      for (const [index, { action }] of calls.entries()) {
        const failed = { code: 'UNIMPLEMENTED', message: `no DELIVER of '${action}' here` };
        yield { outcomes: [{ index, ...(handlers.has(action) ? { done: {} } : { failed }) }] };
      }
    },
  });
  const server = await serve({ host: '127.0.0.1', port: 0, services: [service], log });
  closing.push(() => server.close());
  return server.port;
}

async function startService(service: string, environment: Record<string, string>): Promise<ServiceProcess> {
  const started = await startProcess({
    file: join(repository, 'services', service, 'main.ts'),
    environment: { SERVICE_TARGET: `${pathToFileURL(endpoints)}#{service}`, LOG_LEVEL: 'warn', ...environment },
  });
  closing.push(() => started.stop());
  return started;
}

function publish(ports: Readonly<Record<string, number>>): void {
  const state = { ready: true, serving: true, terminating: false };
  writeEndpoints(
    endpoints,
    Object.entries(ports).map(([service, port]) => ({ name: `${service}-1`, service, port, ...state })),
  );
}

interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>;
}

function start(args: readonly string[], file = tokenFile): Command {
  const where = ['--url', url, '--token-file', file];
  const child = spawn(process.execPath, [join(repository, 'platform/main.ts'), 'tx', ...args, ...where]);
  const parts = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { child, ended: parts.then(([[code], output, errors]) => ({ code, output, errors })) };
}

/** What comes of an act is waited for, however busy the machine is. */
const patiently = ['--wait', '50'];
const tx = (...args: string[]) => start(args).ended;

let keys = 0;
/** Runs a transaction whose one branch asks for that action, which nobody knows; it is parked. */
async function park(action: string): Promise<string> {
  const backoff = { nanos: 1_000_000 };
  const secondPhaseRetry = { firstBackoff: backoff, maxBackoff: backoff, maxAttempts: 2 };
  const branch = { name: 'tell', participant: 'shop', action, kind: 'RETRIABLE' as const, secondPhaseRetry };
  const { transactionId } = await coordinator.runTransaction({ idempotencyKey: `key-${++keys}`, branches: [branch] });
  return transactionId;
}

const metric = async (name: string) => {
  const shown = await (await fetch(metricsUrl)).text();
  return Number(
    shown
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );
};
const parkedNow = () => metric('assent_log_transactions{shard="0",state="PARKED"}');

test(
  'a missing handler parks a transaction, which is seen, explained, and ends when it is tried again',
  async () => {
    const id = await park('greet');
    await eventually(async () => expect(await parkedNow()).toBe(1), timeout_ms);
    expect(await metric('assent_transactions_parked_total{kinds="RETRIABLE"}')).toBe(1);
    expect(await metric('assent_transactions_begun_total{kinds="RETRIABLE"}')).toBe(1);

    const [listed, shown] = await Promise.all([tx('list', '--state', 'parked'), tx('show', id)]);
    expect(listed.output).toMatch(
      new RegExp(`${id} +PARKED .*shop +tell: DELIVER UNIMPLEMENTED: no DELIVER of 'greet'`),
    );
    expect(shown.output).toContain("DELIVER is stuck, asked 2 times, UNIMPLEMENTED: no DELIVER of 'greet' here");
    expect(shown.output).toContain(`npx pnpm@10 tx retry ${id}`);

    const inVain = await tx('retry', id, '--reason', 'just to see', ...patiently);
    expect(inVain).toMatchObject({ code: 1, errors: '' });
    handlers.add('greet');
    const retried = await tx('retry', id, '--reason', 'deployed the handler', ...patiently);
    expect(retried.code).toBe(0);
    expect(retried.output).toMatch(
      /is PARKED, decided to COMMIT.*asked again.*RETRY by alice: just to see.*COMMITTED/s,
    );
    await eventually(async () => expect(await parkedNow()).toBe(0), timeout_ms);
  },
  timeout_ms,
);

test(
  'a stuck branch is skipped, and a transaction resolved against its decision by force',
  async () => {
    const [one, other] = [await park('skipped'), await park('resolved')];
    const [skipped, refused] = await Promise.all([
      tx('skip', one, 'tell', '--reason', 'told them by phone', ...patiently),
      tx('resolve', other, '--abort', '--reason', 'nobody knows', ...patiently),
    ]);
    expect(skipped).toMatchObject({
      code: 0,
      output: expect.stringMatching(/COMMITTED.*SKIP tell by alice|SKIP tell by alice.*COMMITTED/s),
    });
    expect(refused).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^assent: refused: its decision is to COMMIT/),
    });
    const resolved = await tx('resolve', other, '--abort', '--force', '--reason', 'gave it up', '--json', ...patiently);
    const transaction = JSON.parse(resolved.output) as Transaction;
    expect(transaction).toMatchObject({
      state: 'ABORTED',
      rejection: { code: 'HEURISTIC' },
      acts: [{ act: 'RESOLVE', operator: 'alice', reason: 'gave it up', force: true, detail: 'ABORT' }],
    });
    expect(await metric('assent_transactions_acts_total{act="RESOLVE"}')).toBe(1);
  },
  timeout_ms,
);

test(
  'a transaction is watched until it has ended, others until Ctrl-C',
  async () => {
    const id = await park('watched');
    const [one, all] = [start(['watch', id]), start(['watch'])];
    let seen = '';
    all.child.stdout?.on('data', (some) => {
      seen += some;
    });
    await eventually(() => expect(seen).toMatch(new RegExp(`${id} +PARKED`)), timeout_ms);
    all.child.kill('SIGINT');
    handlers.add('watched');
    await coordinator.retryTransaction(
      { transactionId: id, reason: 'it is there' },
      { metadata: { 'assent-operator': 'bob' } },
    );
    expect(await one.ended).toMatchObject({ code: 0, output: expect.stringContaining('ended: COMMITTED') });
    expect(await all.ended).toMatchObject({ code: 0, errors: '' });
  },
  timeout_ms,
);

test(
  'pages, and errors that say what to do',
  async () => {
    const page = await tx('list', '--limit', '2', '--participant', 'shop', '--json');
    const { transactions, nextPageToken } = JSON.parse(page.output);
    expect(transactions).toHaveLength(2);
    const [next, missing, reasonless, stranger] = await Promise.all([
      tx('list', '--limit', '2', '--participant', 'shop', '--json', '--page-token', nextPageToken),
      tx('show', '01a208ea-18be-7000-8061-48addd9a7bdd'),
      tx('retry', '01a208ea-18be-7000-8061-48addd9a7bdd'),
      start(['abort', transactions[0].transactionId, '--reason', 'x'], notATokenFile).ended,
    ]);
    expect(JSON.parse(next.output).transactions[0].transactionId < transactions[1].transactionId).toBe(true);
    expect(missing).toMatchObject({
      code: 1,
      errors: expect.stringContaining('`npx pnpm@10 tx list` shows what there is'),
    });
    expect(reasonless.errors).toContain("required option '--reason <text>'");
    expect(stranger.errors).toMatch(/^assent: the token is of no use at http:.* has not the scope operator\n$/);
  },
  timeout_ms,
);
