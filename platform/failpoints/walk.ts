// Which acts a transaction comes by when nothing goes wrong: the machine itself says.
import type { Act, Operation } from '@assent/failpoints';
import {
  type Command,
  type Event,
  isFirst,
  needsBegin,
  newTransaction,
  type Outcome,
  step,
} from '@assent/transactions/protocol';
import { branchesOf, type Ending, type Form } from './forms.ts';
import type { Payload } from './participant/actions.ts';

export interface Walk {
  /** Those up to the decision's being logged. */
  readonly undecided: ReadonlySet<Act>;
  readonly decided: ReadonlySet<Act>;
}

export function walk(form: Form, ending: Ending): Walk {
  const branches = branchesOf(form, ending, 1);
  const undecided = new Set<Act>(['run', ...(needsBegin(branches) ? (['log.begin'] as const) : [])]);
  const decided = new Set<Act>();
  let transaction = newTransaction(branches);
  const events: Event[] = [{ type: 'owned', state: 'RUNNING' }];
  for (let event = events.shift(); event; event = events.shift()) {
    const next = step(transaction, event);
    for (const command of next.commands) {
      const acts = actsOf(command);
      const isDecided = command.type === 'send' ? !isFirst(command.operation) : command.type === 'log' && command.lazy;
      for (const act of acts) (isDecided ? decided : undecided).add(act);
      if (command.type === 'log' && !command.lazy) events.push({ type: 'logged' });
      if (command.type !== 'send') continue;
      const { branch, operation } = command;
      const payload: Payload = JSON.parse(branches[branch]?.payload ?? '');
      const outcome = outcomeOf(operation, payload);
      if (operation === 'PREPARE') for (const act of actsOfVote(outcome)) undecided.add(act);
      events.push({ type: 'outcome', branch, operation, outcome });
    }
    transaction = next.transaction;
  }
  return { undecided, decided };
}

function outcomeOf(operation: Operation, { does }: Payload): Outcome {
  if (does === 'reject' && isFirst(operation)) return { type: 'rejected', code: 'NO', message: '' };
  return { type: 'done', readOnly: does === 'read' };
}

function actsOf(command: Command): Act[] {
  switch (command.type) {
    case 'log':
      return [command.lazy ? 'log.end' : command.record.stuck ? 'log.park' : 'log.decision'];
    case 'send':
      return actsOfOperation(command.operation);
    case 'announce':
      return [];
  }
}

function actsOfOperation(operation: Operation): Act[] {
  const both: Act[] = [`send.${operation}`, `execute.${operation}`];
  switch (operation) {
    case 'COMMIT':
      return [...both, 'commit-prepared'];
    case 'ROLLBACK':
      return [...both, 'rollback-prepared', 'claim.ROLLBACK', 'commit.ROLLBACK'];
    case 'PREPARE':
      return [...both, 'claim.PREPARE', 'handle.PREPARE'];
    default:
      return [...both, `claim.${operation}`, `handle.${operation}`, `commit.${operation}`];
  }
}

/** A no is recorded, a yes is prepared, and what was only read is forgotten. */
function actsOfVote(vote: Outcome): Act[] {
  if (vote.type === 'rejected') return ['commit.PREPARE'];
  return vote.type === 'done' && vote.readOnly ? [] : ['prepare'];
}
