// What all parts of a simulated system share.
import { type Agenda, createAgenda } from './agenda.ts';
import type { Coordinator } from './coordinator/coordinator.ts';
import { type Faults, noFaults } from './faults.ts';
import { createLogTables, type LogTables } from './log/tables.ts';
import { createObserver, type Observer } from './oracle/observer.ts';
import type { Replica } from './participant/participant.ts';
import type { Process } from './process.ts';
import { createProcess } from './process.ts';
import { createRandom, type Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { Tally } from './tally.ts';
import type { Customer } from './workload/customer.ts';
import type { Order } from './workload/order.ts';
import { anySettings, type Settings } from './workload/settings.ts';

/** Writes a line of the transcript. */
export type Say = (who: string, what: string) => void;

export interface World {
  readonly random: Random;
  readonly agenda: Agenda;
  readonly rules: Rules;
  /** Those of now: none once the history heals. */
  faults: Faults;
  /** When faults ended; infinite before. */
  healed_ms: number;
  readonly settings: Settings;
  readonly observer: Observer;
  /** The coordinators' database. */
  readonly log: LogTables;
  /** It refuses every write until then, as when its disk fails. */
  refusesUntil_ms: number;
  readonly coordinators: Coordinator[];
  /** The replicas of each participant, by its name. */
  readonly participants: Map<string, Replica[]>;
  readonly customers: Customer[];
  /** Where customers and operators are: no fault befalls it. */
  readonly outside: Process;
  /** What each transaction was begun for, by its number. */
  readonly orders: Order[];
  /** When each was begun, by the clock of its coordinator's process: its id says so. */
  readonly begun_ms: number[];
  readonly tally: Tally;
  readonly say: Say | undefined;
}

/** Without anybody in it yet. */
export function createWorld(seed: number, rules: Rules, tally: Tally, write?: (line: string) => void): World {
  const random = createRandom(seed);
  const agenda = createAgenda();
  const say = write && ((who: string, what: string) => write(lineOf(agenda.now_ms, who, what)));
  const orders: Order[] = [];
  const observer: Observer = createObserver(orders, (id) => log.rows.has(id), say);
  const log: LogTables = createLogTables(agenda, rules.owns, observer.logged);
  const outside = { ...createProcess('outside'), isMortal: false, isUp: true };
  return {
    random,
    agenda,
    rules,
    faults: noFaults,
    healed_ms: Number.POSITIVE_INFINITY,
    settings: anySettings(random),
    observer,
    log,
    refusesUntil_ms: 0,
    coordinators: [],
    participants: new Map(),
    customers: [],
    outside,
    orders,
    begun_ms: [],
    tally,
    say,
  };
}

function lineOf(now_ms: number, who: string, what: string): string {
  return `${(now_ms / 1000).toFixed(4).padStart(9)}  ${who.padEnd(8)} ${what}`;
}

/** A branch, as transcripts name it. */
export function nameOf({ orders }: World, { id, branch }: { readonly id: number; readonly branch: number }): string {
  return `T${id}/${orders[id]!.branches[branch]!.name}`;
}
