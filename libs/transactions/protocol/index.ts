export { type Branch, type Kind, limits, type RetryPolicy, type Violation, validate } from './definition.ts';
export { isFirst, isOnePhase, needsBegin, type Operation } from './operation.ts';
export { type Fault, isForGood } from './retry.ts';
export { type Command, type Event, isOver, isWanted, type Outcome, type Step, step } from './step.ts';
export {
  decisionOf,
  inputsOf,
  newTransaction,
  operationOf,
  type Progress,
  type Rejection,
  type Results,
  type State,
  type StateRecord,
  type Stuck,
  type Transaction,
} from './transaction.ts';
