// The platform that faults happen to, wherever it is.
import type { DatabaseUrls } from '../check/sources.ts';
import type { Fault, FaultType } from './faults.ts';

/** Types of faults that can't be had here, and why, for people. */
export type Missing = Partial<Readonly<Record<FaultType, string>>>;

export interface Ground {
  /** Of the gateway's REST. */
  readonly url: string;
  readonly databases: DatabaseUrls;
  readonly missing: Missing;
  /** So far, by performance.now(), as far as they are known. */
  readonly deaths: readonly Death[];
  /** How often its databases may be looked at. */
  readonly look_ms: number;
  /** @param random gives numbers in [0, 1) */
  choose(type: FaultType, random: () => number): Fault;
  /** Waits, not for long, until the fault can come about fairly; rejects with why it can't. */
  awaitVictim?(fault: Fault, signal: AbortSignal): Promise<void>;
  /** Does it. Fails when it can't be done, having changed nothing. */
  inject(fault: Fault, signal: AbortSignal): Promise<Injection>;
  /** Saves what its services had to say, as far as it is still there. */
  saveLogs(directory: string): Promise<void>;
  /** One of our own ends; another one goes on. */
  stop(): Promise<void>;
  /** Does so at once. */
  kill(): void;
}

/** A fault that has come about. */
export interface Injection {
  /** Who it has hit, when the fault itself doesn't say so. */
  readonly victim?: string;
  /** Takes the cause away; whatever is still broken then has to mend itself. Missing where there is none that lasts. */
  readonly heal?: () => Promise<void>;
  /** Waits until as much is ready as before, where that can be told; rejects when it takes too long. */
  readonly ready?: (signal: AbortSignal) => Promise<void>;
}

/** A process that ended, whoever did it. */
export interface Death {
  readonly at_ms: number;
  readonly replica: string;
  readonly cause: string;
}
