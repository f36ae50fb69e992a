export { type Branch, type Kind, type Violation, validate } from './definition.ts';
export { type Command, type Event, isWanted, type Outcome, type Step, step } from './step.ts';
export {
  inputsOf,
  newTransaction,
  type Operation,
  type Rejection,
  type Results,
  type State,
  type StateRecord,
  type Transaction,
} from './transaction.ts';
