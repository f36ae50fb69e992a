// Operators' acts on what the log has, as a model.
import { isOnePhase } from '../../protocol/index.ts';
import type { Row } from './tables.ts';

/** What an operator has done about a transaction. */
export type Act =
  | { readonly type: 'retry' }
  | { readonly type: 'skip'; readonly branch: number }
  | { readonly type: 'abort' };

/** The row as the act wants it, for whoever takes it over; undefined when that can't be. */
export function perform(act: Act, row: Row, now_ms: number): Row | undefined {
  switch (act.type) {
    case 'retry':
      return row.state === 'RUNNING' ? undefined : { ...row, stuck: undefined };
    case 'skip':
      if (!row.stuck?.some(({ branch }) => branch === act.branch)) return undefined;
      return { ...row, stuck: undefined, omitted: [...row.omitted, act.branch] };
    case 'abort':
      if (row.state !== 'RUNNING') return undefined;
      // Its participant may have committed already: only that can say no.
      if (isOnePhase(row.branches)) return { ...row, deadline_ms: now_ms };
      return { ...row, state: 'ABORTING', rejection: { code: 'OPERATOR', message: 'aborted by a person' } };
  }
}
