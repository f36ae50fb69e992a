// What a transaction is to do: branches in a declared order, checked before anything is logged.

export type Kind = 'COMPENSATABLE' | 'RESERVED' | 'PREPARED' | 'RETRIABLE';

export interface Branch {
  /** Unique in its transaction. */
  readonly name: string;
  readonly participant: string;
  readonly action: string;
  readonly kind: Kind;
  /** Names of the branches that come before it. */
  readonly after: readonly string[];
  /** JSON, or empty. */
  readonly payload: string;
  /** Of ACTION, TRY, PREPARE and COMMIT_ONE_PHASE; the default's where it is absent. */
  readonly firstPhaseRetry?: RetryPolicy;
  /** Of the others. */
  readonly secondPhaseRetry?: RetryPolicy;
}

/** When to ask again what has failed. */
export interface RetryPolicy {
  /** At most before the second attempt; it doubles with each. */
  readonly first_ms?: number;
  readonly cap_ms?: number;
  /**
   * Of a first phase: attempts until the transaction aborts; without it, until its deadline. Of a second phase: attempts that
   * failed for good reasons until the branch is stuck.
   */
  readonly maxAttempts?: number;
}

export interface Violation {
  readonly field: string;
  readonly description: string;
}

export const limits = {
  branches: 64,
  nameLength: 64,
  payloadBytes: 65_536,
  payloadsBytes: 262_144,
  retryFirst_ms: 60_000,
  retryCap_ms: 600_000,
  retryAttempts: 1_000_000,
} as const;

const kinds: readonly string[] = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'] satisfies Kind[];
const namePattern = /^[A-Za-z0-9_-]{1,64}$/;
const nameRule = `must be 1 to ${limits.nameLength} of A–Z, a–z, 0–9, '_' and '-'`;

/** Every fault of a definition, by field; none means that it can run. */
export function validate(branches: readonly Branch[]): Violation[] {
  if (branches.length < 1 || branches.length > limits.branches) {
    return [{ field: 'branches', description: `must have 1 to ${limits.branches} branches, not ${branches.length}` }];
  }
  const violations = [...branches.flatMap(violationsOfBranch), ...violationsOfOrder(branches)];
  const bytes = branches.reduce((sum, branch) => sum + Buffer.byteLength(branch.payload), 0);
  if (bytes > limits.payloadsBytes) {
    violations.push({
      field: 'branches',
      description: `payloads must add up to ${limits.payloadsBytes} bytes at most`,
    });
  }
  return violations;
}

function violationsOfBranch(branch: Branch, index: number): Violation[] {
  const violations: Violation[] = [];
  const fault = (field: string, description: string) =>
    violations.push({ field: `branches[${index}].${field}`, description });
  for (const field of ['name', 'participant', 'action'] as const) {
    if (!namePattern.test(branch[field])) fault(field, nameRule);
  }
  if (!kinds.includes(branch.kind)) fault('kind', `must be one of ${kinds.join(', ')}`);
  if (Buffer.byteLength(branch.payload) > limits.payloadBytes) {
    fault('payload', `must have ${limits.payloadBytes} bytes at most`);
  } else if (branch.payload !== '' && !isJson(branch.payload)) {
    fault('payload', 'must be JSON or empty');
  }
  for (const field of ['firstPhaseRetry', 'secondPhaseRetry'] as const) {
    const { first_ms = 1, cap_ms = 1, maxAttempts = 1 } = branch[field] ?? {};
    const rule = (name: string, value: number, most: number, unit: string) => {
      if (!(value >= 1 && value <= most)) fault(`${field}.${name}`, `must be 1 to ${most}${unit}`);
    };
    rule('firstBackoff', first_ms, limits.retryFirst_ms, ' ms');
    rule('maxBackoff', cap_ms, limits.retryCap_ms, ' ms');
    rule('maxAttempts', maxAttempts, limits.retryAttempts, '');
  }
  return violations;
}

function violationsOfOrder(branches: readonly Branch[]): Violation[] {
  const violations: Violation[] = [];
  const byName = new Map<string, Branch>();
  branches.forEach((branch, index) => {
    if (byName.has(branch.name)) {
      violations.push({ field: `branches[${index}].name`, description: `'${branch.name}' is used twice` });
    }
    byName.set(branch.name, branch);
  });
  branches.forEach((branch, index) => {
    branch.after.forEach((name, place) => {
      const description = faultOfAfter(branch, byName.get(name), branch.after.indexOf(name) !== place);
      if (description) violations.push({ field: `branches[${index}].after[${place}]`, description });
    });
  });
  if (violations.length === 0 && hasCycle(branches)) {
    violations.push({ field: 'branches', description: 'must not come after themselves: `after` has a cycle' });
  }
  return violations;
}

function faultOfAfter(branch: Branch, before: Branch | undefined, repeated: boolean): string | undefined {
  if (!before) return 'must name a branch of this transaction';
  if (repeated) return 'names a branch twice';
  // A retriable branch runs after the decision, every other kind's first phase before it.
  if (before.kind === 'RETRIABLE' && branch.kind !== 'RETRIABLE') {
    return `a ${branch.kind} branch can't come after a RETRIABLE one, which runs after the decision`;
  }
  return undefined;
}

/** Kahn's algorithm: takes away branches with nothing before them until none is left, or only cycles are. */
function hasCycle(branches: readonly Branch[]): boolean {
  let left = branches;
  for (;;) {
    const names = new Set(left.map((branch) => branch.name));
    const next = left.filter((branch) => branch.after.some((name) => names.has(name)));
    if (next.length === left.length) return next.length > 0;
    left = next;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
