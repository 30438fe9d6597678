import { embeddingBits, isEmbedding, wordsOf, type IpAddress } from './ip-address.js';

/** Entries of one list; each is looked at for every call until one matches. */
const mostEntries = 500;

/** Addresses and networks, compiled once. */
export class AddressList {
  /** For each range its family as a count of numbers, then number and mask in turn. */
  readonly #ranges: readonly (readonly number[])[];

  private constructor(ranges: readonly (readonly number[])[]) {
    this.#ranges = ranges;
  }

  /** A list that nothing is on. */
  static readonly nobody = new AddressList([]);

  /**
   * @param entries addresses and CIDRs of IPv4 and IPv6, as {@link addressFaults} lets pass
   * @returns `null` when one of them cannot be read
   */
  static compile(entries: readonly string[]): AddressList | null {
    const ranges = entries.map(rangeOf);
    return ranges.every((range) => range !== null) ? new AddressList(ranges) : null;
  }

  has(address: IpAddress): boolean {
    for (const range of this.#ranges) if (isWithin(address, range)) return true;
    return false;
  }
}

/** What is wrong with the entries of a list, by the place of the entry. */
export function addressFaults(
  field: string,
  entries: readonly string[],
): { readonly field: string; readonly message: string }[] {
  if (!Array.isArray(entries) || entries.length > mostEntries) {
    return [{ field, message: `must be a list of at most ${mostEntries} addresses` }];
  }
  return entries.flatMap((entry: unknown, at) =>
    typeof entry === 'string' && rangeOf(entry) !== null
      ? []
      : [{ field: `${field}[${at}]`, message: 'must be an IP address or a CIDR such as 10.0.0.0/8' }],
  );
}

function rangeOf(entry: string): readonly number[] | null {
  const [text = '', bits, ...rest] = entry.split('/');
  const words = text.includes('%') ? null : wordsOf(text);
  if (words === null || rest.length > 0) return null;
  const most = words.length * 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : NaN;
  if (!(prefix <= most)) return null;
  if (isEmbedding(words) && prefix >= embeddingBits) return masked(words.slice(3), prefix - embeddingBits);
  return masked(words, prefix);
}

function masked(words: IpAddress, prefix: number): readonly number[] {
  const range = [words.length];
  for (const [at, word] of words.entries()) {
    const bits = Math.min(32, Math.max(0, prefix - at * 32));
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    range.push(word & mask, mask);
  }
  return range;
}

function isWithin(address: IpAddress, range: readonly number[]): boolean {
  if (range[0] !== address.length) return false;
  for (let at = 0; at < address.length; at += 1) {
    if (((address[at] ?? 0) & (range[2 * at + 2] ?? 0)) !== range[2 * at + 1]) return false;
  }
  return true;
}
