// The names of prepared transactions: `assent_<transaction>_<branch>_<epoch>`. PREPARE TRANSACTION takes no parameters,
// so these go into SQL text: they are made of a UUID and two numbers, and checked.

export interface Gid {
  /** A UUID in lower case. */
  readonly transactionId: string;
  readonly branch: number;
  /** A uint64 in decimal. */
  readonly epoch: string;
}

export const gidPrefix = 'assent_';
const pattern = /^assent_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(0|[1-9]\d{0,9})_(0|[1-9]\d{0,19})$/;

/** Throws when it wouldn't be a gid. */
export function formatGid({ transactionId, branch, epoch }: Gid): string {
  const gid = `${gidPrefixOf({ transactionId, branch })}${epoch}`;
  if (!pattern.test(gid)) throw new TypeError('not a gid');
  return gid;
}

/** Undefined for what isn't ours. */
export function parseGid(gid: string): Gid | undefined {
  const [, transactionId, branch, epoch] = pattern.exec(gid) ?? [];
  return transactionId !== undefined && branch !== undefined && epoch !== undefined
    ? { transactionId, branch: Number(branch), epoch }
    : undefined;
}

/** What the gids of all epochs of a branch begin with. */
export function gidPrefixOf({ transactionId, branch }: Omit<Gid, 'epoch'>): string {
  return `${gidPrefix}${transactionId}_${branch}_`;
}
