// Pages of a list that is ordered by a unique key. A token is the list's name and the last key that was shown: nothing
// is kept between calls, and items that come or go in the meantime neither repeat nor hide others.

/** Which page of a list is asked for. */
export interface Page {
  /** How many items at most; ask the store for one more, to know whether another page follows. */
  readonly size: number;
  /** The last key of the page before; none on the first page. */
  readonly after: string | undefined;
  /** The list with its filters, so that a token is of no use for another. */
  readonly list: string;
}

const maxToken_chars = 512;

/** A page from `size + 1` rows that the store had at most. */
export function pageOf<T>(
  page: Page,
  rows: readonly T[],
  keyOf: (row: T) => string,
): { items: T[]; nextPageToken: string } {
  const items = rows.slice(0, page.size);
  const last = items.at(-1);
  const more = rows.length > items.length && last !== undefined;
  return { items, nextPageToken: more ? encode(page.list, keyOf(last)) : '' };
}

/** The key in a token of this list; undefined when it isn't one. */
export function keyInToken(list: string, token: string): string | undefined {
  if (token.length > maxToken_chars) return undefined;
  const key = Buffer.from(token, 'base64url')
    .toString()
    .slice(list.length + 1);
  return encode(list, key) === token ? key : undefined;
}

function encode(list: string, key: string): string {
  return Buffer.from(`${list}\n${key}`).toString('base64url');
}
