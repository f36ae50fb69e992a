// What has happened in histories, so that one can see that it was enough to learn something from.

export interface Tally {
  committed: number;
  aborted: number;
  /** Left to a person, for good reasons. */
  parked: number;
  crashes: number;
  standstills: number;
  lostMessages: number;
  takeovers: number;
  handovers: number;
  /** Prepared transactions that their participant has ended by itself. */
  reconciled: number;
  operatorActs: number;
  /** First phases that came after their undo. */
  hanging: number;
  readOnly: number;
  onePhase: number;
  /** Transactions whose key belonged to another. */
  keysTaken: number;
  /** Barrier rows of a period at a participant. */
  dropped: number;
  tooLate: number;
}

export function createTally(): Tally {
  return {
    committed: 0,
    aborted: 0,
    parked: 0,
    crashes: 0,
    standstills: 0,
    lostMessages: 0,
    takeovers: 0,
    handovers: 0,
    reconciled: 0,
    operatorActs: 0,
    hanging: 0,
    readOnly: 0,
    onePhase: 0,
    keysTaken: 0,
    dropped: 0,
    tooLate: 0,
  };
}
