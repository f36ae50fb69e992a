// The coordinators' database as a model: what the statements of its store do to the rows, one at a time. A test beside the
// store holds the two against each other.
import type { Branch, Rejection, Results, State, StateRecord, Stuck } from '../../protocol/index.ts';
import { type Act, perform } from './act.ts';
import { createLeases, type Leases } from './leases.ts';

/** A transaction as the log has it. Replaced, never changed. */
export interface Row {
  readonly id: number;
  readonly state: State;
  /** The epoch of the coordinator that drives it. */
  readonly owner: number;
  /** Of the record: coordinators leave newer ones than they know to their peers. */
  readonly version: number;
  readonly key: string;
  readonly branches: readonly Branch[];
  readonly results: Results;
  readonly rejection?: Rejection | undefined;
  readonly omitted: readonly number[];
  /** Parked: nobody drives it. */
  readonly stuck?: readonly Stuck[] | undefined;
  readonly deadline_ms: number;
  readonly ended_ms?: number | undefined;
}

export interface Begin {
  readonly id: number;
  readonly key: string;
  readonly branches: readonly Branch[];
  readonly timeout_ms: number;
}

/** `begin`: the transaction isn't in the log yet, its decision puts it there. */
export interface Change {
  readonly id: number;
  readonly record: StateRecord;
  readonly begin?: Begin | undefined;
}

export interface Batch {
  readonly begins: readonly Begin[];
  readonly decisions: readonly Change[];
  readonly ends: readonly Change[];
}

export interface Written {
  /** False when the coordinator is fenced: then nothing was written. */
  readonly owner: boolean;
  readonly ids: ReadonlySet<number>;
}

/** Whether a coordinator may change a row. */
export type Ownership = (row: Row, epoch: number, fenced: boolean) => boolean;

export interface LogTables extends Leases {
  readonly rows: ReadonlyMap<number, Row>;
  /** Takes over up to `limit` transactions of those that are fenced. */
  claim(epoch: number, limit: number): Row[];
  /** The ids of what a coordinator has open. */
  openOf(epoch: number): ReadonlySet<number>;
  write(epoch: number, batch: Batch): Written;
  /** Makes the coordinator the transaction's owner, with what the operator wants; undefined when that can't be. */
  take(epoch: number, id: number, act: Act): Row | undefined;
  byKey(key: string): Row | undefined;
  /** Deletes what has ended long ago. */
  forget(id: number): void;
}

/** Owner of what is parked. */
const nobody = 0;
const ended: readonly State[] = ['COMMITTED', 'ABORTED'];

export function createLogTables(
  clock: { readonly now_ms: number },
  owns: Ownership,
  changed: (row: Row, before: Row | undefined) => void,
): LogTables {
  const rows = new Map<number, Row>();
  const ids = new Map<string, number>();
  const leases = createLeases(clock);
  const { isFenced, versionOf } = leases;

  function put(row: Row): Row {
    const before = rows.get(row.id);
    rows.set(row.id, row);
    ids.set(row.key, row.id);
    changed(row, before);
    return row;
  }

  function insert({ id, key, branches, timeout_ms }: Begin, owner: number, record?: StateRecord): boolean {
    const deadline_ms = clock.now_ms + timeout_ms;
    const version = versionOf(owner);
    const row: Row = { id, state: 'RUNNING', owner, version, key, branches, results: {}, omitted: [], deadline_ms };
    if (ids.has(key) || !owns(row, owner, isFenced(owner))) return false;
    put(record ? decided(row, record) : row);
    return true;
  }

  function update(id: number, epoch: number, change: (row: Row) => Row | undefined): boolean {
    const row = rows.get(id);
    if (!row || row.ended_ms !== undefined || !owns(row, epoch, isFenced(epoch))) return false;
    const changed = change(row);
    if (changed) put({ ...changed, version: versionOf(epoch) });
    return changed !== undefined;
  }

  function decide({ id, record, begin }: Change, epoch: number): boolean {
    if (begin) return insert(begin, epoch, record);
    return update(id, epoch, (row) => {
      if (record.stuck) return { ...row, owner: nobody, stuck: record.stuck, omitted: record.omitted };
      return row.state === 'RUNNING' ? decided(row, record) : undefined;
    });
  }

  function decided(row: Row, { state, results, rejection, omitted }: StateRecord): Row {
    return { ...row, state, results, rejection, omitted, ended_ms: ended.includes(state) ? clock.now_ms : undefined };
  }

  return {
    ...leases,
    rows,
    claim(epoch, limit) {
      const claimed: Row[] = [];
      if (isFenced(epoch)) return claimed;
      for (const row of rows.values()) {
        if (claimed.length === limit) break;
        const isOpen = row.ended_ms === undefined && !row.stuck && row.version <= versionOf(epoch);
        if (isOpen && isFenced(row.owner)) claimed.push(row);
      }
      return claimed.map((row) => put({ ...row, owner: epoch }));
    },
    openOf(epoch) {
      const owned = new Set<number>();
      for (const { id, owner, ended_ms } of rows.values()) if (owner === epoch && ended_ms === undefined) owned.add(id);
      return owned;
    },
    write(epoch, { begins, decisions, ends }) {
      const written = new Set<number>();
      for (const begin of begins) if (insert(begin, epoch)) written.add(begin.id);
      for (const change of decisions) if (decide(change, epoch)) written.add(change.id);
      for (const { id, record } of ends) {
        const { state, rejection } = record;
        update(id, epoch, (row) => ({ ...row, state, rejection: rejection ?? row.rejection, ended_ms: clock.now_ms }));
      }
      return { owner: !isFenced(epoch), ids: written };
    },
    take(epoch, id, act) {
      const row = rows.get(id);
      const version = versionOf(epoch);
      if (!row || row.ended_ms !== undefined || row.version > version || isFenced(epoch)) return undefined;
      const changed = perform(act, row, clock.now_ms);
      return changed && put({ ...changed, owner: epoch, version });
    },
    byKey(key) {
      const id = ids.get(key);
      return id === undefined ? undefined : rows.get(id);
    },
    forget(id) {
      const row = rows.get(id);
      if (row) ids.delete(row.key);
      rows.delete(id);
    },
  };
}
