// The histories in transcripts/. `pnpm simulate --transcripts` writes them again.
import { join } from 'node:path';
import type { Branch, Kind } from '../protocol/index.ts';
import { die, reachDatabaseLate, type Scenario, standStill, tell } from './scenario.ts';
import { type Order, plain, type Script } from './workload/order.ts';

export const directory = join(import.meta.dirname, 'transcripts');

const branch = (name: string, kind: Kind, participant: string, ...after: string[]): Branch => ({
  name,
  kind,
  participant,
  action: 'do',
  after,
  payload: '',
});

/** @param scripts of branches with which something is wrong, by name */
function order(branches: readonly Branch[], scripts: Readonly<Record<string, Partial<Script>>> = {}): Order {
  return {
    key: 'k0',
    branches,
    scripts: branches.map(({ name }) => ({ ...plain, ...scripts[name] })),
    timeout_ms: 3_000,
  };
}

const scenarios: readonly Scenario[] = [
  {
    name: 'takeover',
    story: [
      'Coordinator A cannot reach its database for longer than its lease, just when it has decided and writes that down.',
      'B fences it, takes the transaction over and asks everything again: the barriers answer with what they have recorded.',
      "A's write, when it arrives, does nothing: it owns nothing any more (rules O1 to O4), and the customer asks again.",
    ],
    order: order([
      branch('reserve', 'RESERVED', 'stock'),
      branch('charge', 'RESERVED', 'bank'),
      branch('ship', 'RETRIABLE', 'post', 'reserve', 'charge'),
    ]),
    turns: [{ on: 'T0/charge TRY takes effect', befall: (world) => reachDatabaseLate(world, 'A', 2_800) }],
    faultsEnd_ms: 6_000,
  },
  {
    name: 'hanging-prepare',
    story: [
      'A replica of the bank stands still with a PREPARE in its hands. The deadline passes, and the other replica does the',
      'ROLLBACK: it leaves a row in the barrier, so that the PREPARE, when it comes at last, finds that it must not be any more',
      '(rule P3). Without that row it would hold its locks for nobody.',
    ],
    order: {
      ...order([branch('reserve', 'PREPARED', 'stock'), branch('charge', 'PREPARED', 'bank')]),
      timeout_ms: 800,
    },
    turns: [{ on: 'T0/charge PREPARE #1', befall: (world) => standStill(world, 'bank-1', 4_000) }],
    faultsEnd_ms: 6_000,
  },
  {
    name: 'in-doubt',
    story: [
      'Two prepared branches need no begin in the log (rule S1). Coordinator A dies before it has decided: the log has never heard',
      'of the transaction. The participants, in doubt, ask B, and wait for as long as A might still decide: UNDECIDED. Once A is',
      'fenced it is UNKNOWN, which means abort (rule U2). The customer asks again, with the same key.',
    ],
    order: order([branch('reserve', 'PREPARED', 'stock'), branch('charge', 'PREPARED', 'bank')]),
    turns: [{ on: 'T0/charge is PREPARED', befall: (world) => die(world, 'A', 8_000) }],
    faultsEnd_ms: 9_000,
  },
  {
    name: 'parked',
    story: [
      'The bank says no, so the reservation is to be cancelled; but the new version of stock has lost its handler for that. After',
      'four attempts nobody asks any more: the transaction is parked (rules A1, A2), and the customer is told so. When the',
      'handler is there again, an operator asks for another attempt, and it ends as it was decided.',
    ],
    order: order(
      [
        { ...branch('reserve', 'RESERVED', 'stock'), secondPhaseRetry: { first_ms: 100, maxAttempts: 4 } },
        branch('charge', 'COMPENSATABLE', 'bank', 'reserve'),
      ],
      { reserve: { brokenUntil_ms: 6_000 }, charge: { rejects: 1 } },
    ),
    turns: [],
    faultsEnd_ms: 8_000,
  },
];

/** Their texts, by the names of their files. */
export function tellAll(): ReadonlyMap<string, string> {
  return new Map(scenarios.map((scenario) => [`${scenario.name}.txt`, tell(scenario)]));
}
