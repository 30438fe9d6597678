/** Keys that compete for the same few places; the one not used for longest gives way. */
const ways = 8;
/** Sets of places: a power of two. With 8 ways 131,072 places, 3 MB, which hold 100,000 keys. */
const sets = 2 ** 14;
const places = sets * ways;

/**
 * Which account holds the prompt of a key warm. Built like the cache of a processor, because a map that forgets its
 * oldest entry allocates and rehashes without end: a key may be in one of eight places, and nothing is ever allocated
 * after the first note. Keys are told apart by 53 bits of their hash.
 */
export class WarmPlaces<Holder extends object> {
  private readonly keys = new Float64Array(places);
  private readonly usedMs = new Float64Array(places).fill(-Infinity);
  private readonly holders = new Array<Holder | null>(places).fill(null);

  /** @param ttlMs how long a place stays warm after its last use, > 0 */
  constructor(private readonly ttlMs: number) {}

  /** Who holds a key warm; `null` when nobody does (any more). */
  holderOf(key: string, nowMs: number): Holder | null {
    const print = fingerprint(key);
    const first = firstPlace(print);
    for (let at = first; at < first + ways; at += 1) {
      if (this.keys[at] !== print) continue;
      return nowMs - (this.usedMs[at] as number) <= this.ttlMs ? (this.holders[at] as Holder | null) : null;
    }
    return null;
  }

  /** From now on this one holds the key warm. */
  note(key: string, holder: Holder, nowMs: number): void {
    const print = fingerprint(key);
    const first = firstPlace(print);
    let chosen = first;
    for (let at = first; at < first + ways; at += 1) {
      if (this.keys[at] === print) {
        chosen = at;
        break;
      }
      if ((this.usedMs[at] as number) < (this.usedMs[chosen] as number)) chosen = at;
    }
    this.keys[chosen] = print;
    this.usedMs[chosen] = nowMs;
    this.holders[chosen] = holder;
  }
}

const firstPlace = (print: number): number => (print % sets) * ways;

/** 53 bits of two FNV-1a hashes, never 0: the place of no key. */
function fingerprint(key: string): number {
  let high = 0x811c9dc5;
  let low = 0x9dc5811c;
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
  }
  low ^= low >>> 15;
  return (high >>> 11) * 2 ** 32 + (low >>> 0) || 1;
}
