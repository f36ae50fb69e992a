// Kills coordinators and participants under load, and measures how long their transactions take to end.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type Database, openDatabase } from '@assent/postgres';
import { createDatabaseAndRole, startPostgres } from '@assent/postgres/embedded';
import { CoordinatorService } from '@assent/protos';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Client, connect, RpcError } from '@assent/rpc';
import { type ServiceProcess, startProcess } from '@assent/testing';
import { createTransactionClient } from '@assent/transactions/client';

const help = `Usage: node services/coordinator/testing/drill.ts SCENARIO [options]

Scenarios:
  kill     one of two coordinators is killed under load, again and again
  many     one that has very many transactions in flight is killed
  down     one of two participants is down for a while
  waiting  what it costs that very many transactions wait for a participant that is down

  --load N      transactions at a time (32)
  --kills N     of coordinators (5)
  --many N      transactions in flight (10000)
  --seconds N   how long the participant is down, each time (10)
  --rounds N    how often it goes down (5)
  --rate N      transactions of others a second meanwhile (40)
  --help
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    load: { type: 'string', default: '32' },
    kills: { type: 'string', default: '5' },
    many: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});

interface Coordinator {
  readonly process: ServiceProcess;
  readonly client: Client<CoordinatorServiceHandlers>;
  readonly epoch: bigint;
}

interface Drill {
  readonly database: Database;
  startCoordinator(): Promise<Coordinator>;
  readonly participants: Record<'shop' | 'bank', ServiceProcess>;
  restart(participant: 'shop' | 'bank'): Promise<void>;
}

type Scenario = (drill: Drill) => Promise<void>;

const say = (line: string) => process.stdout.write(`${line}\n`);
const startParticipant = (port = 0) =>
  startProcess({ file: join(import.meta.dirname, 'participant.ts'), environment: { PORT: String(port) } });

let keys = 0;

function request(participant: string, timeout_s: number) {
  const branch = { action: 'do', kind: 'RESERVED', payload: '{}', participant } as const;
  const branches = ['a', 'b'].map((name) => ({ ...branch, name }));
  return { idempotencyKey: `drill-${++keys}`, timeout: { seconds: timeout_s }, branches };
}

/** Runs a transaction until it has ended, at whichever coordinator is there. Whether it has. */
async function run(coordinators: Coordinator[], participant: string, timeout_s = 60): Promise<boolean> {
  const asked = request(participant, timeout_s);
  const until_ms = Date.now() + timeout_s * 1000;
  for (let attempt = keys; Date.now() < until_ms; attempt++) {
    const coordinator = coordinators[attempt % coordinators.length];
    try {
      await coordinator?.client.runTransaction(asked, { timeout_ms: until_ms - Date.now() });
      return true;
    } catch {
      await sleep(50);
    }
  }
  return false;
}

/** Begins so many, in batches, and waits until all are in the log. */
async function beginMany(database: Database, { client, epoch }: Coordinator, participant: string): Promise<string[]> {
  const timeout_s = 600;
  const { runTransaction } = createTransactionClient(client, timeout_s * 1000);
  const count = Number(values.many);
  let isOver = false;
  const insist = async () => {
    const asked = request(participant, timeout_s);
    // One that is refused because so many come at a time comes again.
    while (!isOver) {
      const failed = await runTransaction(asked, { timeout_ms: timeout_s * 1000 }).catch((error: RpcError) => error);
      if (!(failed instanceof RpcError)) break;
      await sleep((failed.retryDelay_ms ?? 100) * (1 + Math.random()));
    }
  };
  for (let index = 0; index < count; index++) void insist();
  for (;;) {
    const ids = await openOf(database, epoch);
    if (ids.length >= count) {
      isOver = true;
      return ids;
    }
    await sleep(200);
  }
}

/** Keeps so many transactions under way until it is stopped. */
function load(coordinators: Coordinator[], participant: string, count: number) {
  let [isOn, done] = [true, 0];
  const loops = Array.from({ length: count }, async () => {
    while (isOn) if (await run(coordinators, participant)) done++;
  });
  return {
    done: () => done,
    async stop() {
      isOn = false;
      await Promise.all(loops);
    },
  };
}

async function openOf(database: Database, epoch: bigint): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    'SELECT transaction_id AS id FROM transactions WHERE owner = $1 AND ended_at IS NULL',
    [epoch],
  );
  return rows.map(({ id }) => id);
}

/** How long after `since` each of them has ended, in seconds, in order. */
async function endsOf(database: Database, ids: readonly string[], since: Date): Promise<number[]> {
  for (;;) {
    const { rows } = await database.query<{ after_s: number | null }>(
      'SELECT extract(epoch FROM ended_at - $2::timestamptz)::float8 AS after_s FROM transactions WHERE transaction_id = ANY($1)',
      [ids, since],
    );
    const after_s = rows.flatMap((row) => row.after_s ?? []);
    if (after_s.length === ids.length) return after_s.sort((one, other) => one - other);
    await sleep(100);
  }
}

function report(what: string, after_s: readonly number[]): void {
  const at = (share: number) => (after_s[Math.ceil(share * after_s.length) - 1] ?? 0).toFixed(2);
  say(`${what}: ${after_s.length} transactions, ended after 50 %: ${at(0.5)} s, 99 %: ${at(0.99)} s, all: ${at(1)} s`);
}

async function kill({ database, startCoordinator }: Drill): Promise<void> {
  const coordinators = [await startCoordinator(), await startCoordinator()];
  const running = load(coordinators, 'shop', Number(values.load));
  const all: number[] = [];
  for (let round = 1; round <= Number(values.kills); round++) {
    await sleep(2_000);
    const victim = coordinators[0] as Coordinator;
    const before = running.done();
    await victim.process.stop('SIGKILL');
    const killedAt = new Date();
    const ids = await openOf(database, victim.epoch);
    const after_s = await endsOf(database, ids, killedAt);
    report(`kill ${round} (${before} done so far)`, after_s);
    all.push(...after_s);
    victim.client.close();
    coordinators[0] = await startCoordinator();
  }
  await running.stop();
  report(
    'all kills',
    all.sort((one, other) => one - other),
  );
}

async function many({ database, startCoordinator, participants }: Drill): Promise<void> {
  const victim = await startCoordinator();
  await startCoordinator();
  participants.shop.child.send(true);
  const ids = await beginMany(database, victim, 'shop');
  await victim.process.stop('SIGKILL');
  const killedAt = new Date();
  participants.shop.child.send(false);
  report(`killed with ${ids.length} in flight`, await endsOf(database, ids, killedAt));
}

/** Begins so many a second, however long they take. */
function steadily(coordinators: Coordinator[], participant: string, perSecond: number) {
  const since_ms = performance.now();
  let begun = 0;
  let took_ms: number[] = [];
  const one = async () => {
    const begun_ms = performance.now();
    if (await run(coordinators, participant)) took_ms.push(performance.now() - begun_ms);
  };
  const timer = setInterval(() => {
    for (; begun < ((performance.now() - since_ms) * perSecond) / 1000; begun++) void one();
  }, 5);
  return {
    /** What comes of those of the next seconds: how many of those begun have ended, how soon, and what it cost the coordinators. */
    async measure(seconds: number): Promise<Window> {
      const [begunBefore, cpuBefore_s] = [begun, cpuOf_s(coordinators)];
      took_ms = [];
      await sleep(seconds * 1000);
      const sorted = took_ms.sort((one, other) => one - other);
      return {
        share: sorted.length / (begun - begunBefore),
        p50_ms: sorted[sorted.length >> 1] ?? Number.NaN,
        processors: (cpuOf_s(coordinators) - cpuBefore_s) / seconds,
      };
    },
    stop: () => clearInterval(timer),
  };
}

interface Window {
  readonly share: number;
  readonly p50_ms: number;
  /** So many of them are busy with it, all coordinators together. */
  readonly processors: number;
}

function cpuOf_s(coordinators: readonly Coordinator[]): number {
  const times_s = coordinators.map(({ process: { child } }) => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  });
  return times_s.reduce((sum, time_s) => sum + time_s);
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

const settle_ms = 2_000;

/**
 * How many a closed loop gets done says more about what else the machine is doing than about the participant. So the load has
 * a fixed rate that the machine can do easily: what counts is whether all of it is done while a participant is down, as soon
 * as otherwise, and how much more of a processor the coordinators take, since that limits how many there could be. Windows
 * with and without it come in turns, and the median of the pairs counts.
 */
async function down({ database, startCoordinator, participants, restart }: Drill): Promise<void> {
  const coordinators = [await startCoordinator(), await startCoordinator()];
  const others = steadily(coordinators, 'shop', Number(values.rate));
  const measure = async () => {
    await sleep(settle_ms);
    return others.measure(Number(values.seconds));
  };
  const pairs: [Window, Window][] = [];
  const own: number[] = [];
  // Until code is compiled and connections are there.
  await others.measure(5);
  for (let round = 1; round <= Number(values.rounds); round++) {
    const up = await measure();
    await participants.bank.stop('SIGKILL');
    const waiting = Array.from({ length: 200 }, () => run(coordinators, 'bank', 3_000));
    const meanwhile = await measure();
    const { rows } = await database.query<{ id: string }>(
      `SELECT transaction_id AS id FROM transactions WHERE ended_at IS NULL AND branches::text LIKE '%bank%'`,
    );
    const ids = rows.map(({ id }) => id);
    await restart('bank');
    own.push(...(await endsOf(database, ids, new Date())));
    await Promise.all(waiting);
    pairs.push([up, meanwhile]);
    const describe = ({ share, p50_ms, processors }: Window) =>
      `${(100 * share).toFixed(1)} % done, p50 ${p50_ms.toFixed(0)} ms, ${(100 * processors).toFixed(1)} % of a processor`;
    say(`${round}: up ${describe(up)}; down ${describe(meanwhile)}`);
  }
  others.stop();
  const ratio = (of: keyof Window) => median(pairs.map(([up, meanwhile]) => meanwhile[of] / up[of])).toFixed(2);
  const more = 100 * median(pairs.map(([up, meanwhile]) => meanwhile.processors - up.processors));
  say(`others, down by up: done ${ratio('share')}, p50 ${ratio('p50_ms')}; ${more.toFixed(1)} % of a processor more`);
  report(
    'of the participant that was down',
    own.sort((one, other) => one - other),
  );
}

async function waiting({ startCoordinator, participants, database, restart }: Drill): Promise<void> {
  const coordinator = await startCoordinator();
  const cpu_s = () => cpuOf_s([coordinator]);
  const measure = async (what: string) => {
    const begun_s = cpu_s();
    await sleep(10_000);
    say(`${what}: ${((cpu_s() - begun_s) * 10).toFixed(1)} % of a processor`);
  };
  await sleep(3_000);
  await measure('idle');
  await participants.bank.stop('SIGKILL');
  const ids = await beginMany(database, coordinator, 'bank');
  await sleep(5_000);
  await measure(`${ids.length} transactions wait for a participant that is down`);
  await restart('bank');
  const [backAt, begun_s] = [new Date(), cpu_s()];
  report('when it is back', await endsOf(database, ids, backAt));
  say(`${(cpu_s() - begun_s).toFixed(1)} s of processor time for that`);
}

const scenarios: Readonly<Record<string, Scenario>> = { kill, many, down, waiting };

async function main(scenario: Scenario): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'assent-drill-'));
  chmodSync(directory, 0o711);
  const postgres = await startPostgres({ directory, maxConnections: 100, maxPreparedTransactions: 0 });
  const started: ServiceProcess[] = [];
  try {
    const url = await createDatabaseAndRole(postgres.adminUrl, { database: 'log', role: 'log', password: 'drill' });
    const database = openDatabase({ url, name: 'drill', size: 2 });
    const participants = { shop: await startParticipant(), bank: await startParticipant() };
    started.push(...Object.values(participants));
    const endpoints = join(directory, 'endpoints.json');
    writeFileSync(endpoints, JSON.stringify(slices(participants)));
    await scenario({
      database,
      participants,
      async restart(name) {
        const { port } = participants[name];
        participants[name] = await startParticipant(port);
        started.push(participants[name]);
      },
      async startCoordinator() {
        const environment = {
          DATABASE_URL: url,
          SERVICE_TARGET: `${pathToFileURL(endpoints)}#{service}`,
          PARTICIPANTS: 'shop,bank',
          LOG_LEVEL: 'warn',
          // No more than half as many calls may wait for a participant that is down, and each transaction has two.
          MAX_OPEN: String(Math.max(20_000, 5 * Number(values.many))),
        };
        const child = await startProcess({ file: join(import.meta.dirname, '../main.ts'), environment });
        started.push(child);
        const { rows } = await database.query<{ epoch: bigint }>('SELECT max(epoch) AS epoch FROM coordinators');
        const client = connect(CoordinatorService, { target: `127.0.0.1:${child.port}` });
        return { process: child, client, epoch: rows[0]?.epoch as bigint };
      },
    });
    await database.close();
  } finally {
    await Promise.all(started.map((child) => child.stop('SIGKILL')));
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function slices(participants: Readonly<Record<string, ServiceProcess>>): object {
  const items = Object.entries(participants).map(([service, { port }]) => ({
    metadata: { name: service, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'grpc', port }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true, serving: true, terminating: false } }],
  }));
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSliceList', items };
}

const scenario = scenarios[positionals[0] ?? ''];
if (values.help || !scenario) process.stdout.write(help);
else await main(scenario).then(() => process.exit());
