/** One field that cannot be taken. */
export interface Fault {
  /** As the client wrote it, for example `limits.rpm`. */
  readonly field: string;
  readonly message: string;
}

const longestText = 200;
const mostEntries = 500;

/** Whether this is a text of 1 to 200 printable characters; types promise more than a client's JSON keeps. */
export const isText = (text: unknown): text is string =>
  typeof text === 'string' &&
  text.trim() !== '' &&
  text.length <= longestText &&
  text.isWellFormed() &&
  !/\p{Cc}/u.test(text);

/**
 * What is wrong with a list of texts.
 *
 * @param isEntry whether one entry is right
 * @param must what to say of an entry that is not
 */
export function listFaults(
  field: string,
  entries: readonly string[] | undefined,
  isEntry: (entry: unknown) => boolean,
  must: string,
): Fault[] {
  if (entries === undefined) return [];
  if (!Array.isArray(entries) || entries.length > mostEntries) {
    return [{ field, message: `must be a list of at most ${mostEntries} names` }];
  }
  return entries.flatMap((entry, index) =>
    isEntry(entry) ? [] : [{ field: `${field}[${index}]`, message: must }],
  );
}
