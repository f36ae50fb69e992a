// What participants decide, without I/O: for whoever runs it without a database.
export {
  type BarrierOperation,
  type Claim,
  claimsOf,
  type Decision,
  decide,
  endOf,
  type FirstPhase,
  type Found,
  type Verdict,
  type Word,
} from './decide.ts';
