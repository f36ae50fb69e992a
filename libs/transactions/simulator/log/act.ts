// Operators' acts on what the log has, as a model.
import { isOnePhase, operationOf } from '../../protocol/index.ts';
import type { Row } from './tables.ts';

/** What an operator has done about a transaction. */
export type Act =
  | { readonly type: 'retry' }
  | { readonly type: 'skip'; readonly branch: number }
  | { readonly type: 'abort' };

/** The row as the act wants it, for whoever takes it over; undefined when that can't be. It is no longer parked. */
export function perform(act: Act, { stuck, ...row }: Row, now_ms: number): Row | undefined {
  const { state, branches, omitted } = row;
  switch (act.type) {
    case 'retry':
      return state === 'RUNNING' ? undefined : row;
    case 'skip': {
      const isStuck = stuck?.some(({ branch }) => branch === act.branch) && !omitted.includes(act.branch);
      const operation = operationOf({ branches, progress: [], results: {} }, act.branch, state);
      return isStuck && operation && state !== 'RUNNING' ? { ...row, omitted: [...omitted, act.branch] } : undefined;
    }
    case 'abort':
      if (state !== 'RUNNING') return undefined;
      // Its participant may have committed already: only that can say no.
      if (isOnePhase(branches)) return { ...row, deadline_ms: now_ms };
      return { ...row, state: 'ABORTING', rejection: { code: 'OPERATOR', message: 'aborted by a person' } };
  }
}
