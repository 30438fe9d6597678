/** One page of a list, as every list of the admin API answers it. */
export interface Page<Item> {
  readonly data: readonly Item[];
  /** Opaque; give it back as `cursor` for the next page. `null` on the last page. */
  readonly nextCursor: string | null;
}

/** Which page is wanted. */
export interface PageRequest {
  /** Items at most, 1 to 500. */
  readonly limit: number;
  /** A `nextCursor` of an earlier page; `null` for the first. */
  readonly cursor: string | null;
}

/**
 * Cuts one page out of rows read in order.
 *
 * @param rows up to `limit + 1` rows: the one too many tells that there is a next page
 * @param keyOf what the next page starts behind
 */
export function pageOf<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => string): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data, nextCursor: more ? btoa(keyOf(last)) : null };
}

/**
 * Reads a cursor back.
 *
 * @returns the key it was made from; `null` for the first page or a text that was never a cursor of ours
 */
export function readCursor(cursor: string | null): string | null {
  if (cursor === null) return null;
  try {
    return atob(cursor);
  } catch {
    return null;
  }
}
