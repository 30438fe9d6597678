/** Keys that compete for the same few places; the one not used for longest gives way. */
const ways = 8;
/** Sets of places: a power of two. With 8 ways 131,072 places, 3 MB, which hold 100,000 keys. */
const sets = 2 ** 14;
const places = sets * ways;
const figuresPerSet = 2 * ways;

/**
 * Which account holds the prompt of a key warm. Built like the cache of a processor, because a map that forgets its
 * oldest entry allocates and rehashes without end: a key may be in one of eight places, and nothing is ever allocated
 * after the first note. Keys are told apart by 53 bits of their hash.
 */
export class WarmPlaces<Holder extends object> {
  /** Of each set the keys of its places, then when each was last used, ms since the epoch: a call finds both at one spot. */
  private readonly figures = new Float64Array(figuresPerSet * sets);
  private readonly holders = new Array<Holder | null>(places).fill(null);
  private lastKey = '';
  private lastPrint = fingerprint('');

  /** @param ttlMs how long a place stays warm after its last use, > 0 */
  constructor(private readonly ttlMs: number) {
    for (let first = 0; first < this.figures.length; first += figuresPerSet)
      this.figures.fill(-Infinity, first + ways, first + figuresPerSet);
  }

  /** Who holds a key warm; `null` when nobody does (any more). */
  holderOf(key: string, nowMs: number): Holder | null {
    const print = this.printOf(key);
    const set = setOf(print);
    const first = figuresPerSet * set;
    for (let way = 0; way < ways; way += 1) {
      if (this.figures[first + way] !== print) continue;
      const usedMs = this.figures[first + ways + way] as number;
      return nowMs - usedMs <= this.ttlMs ? (this.holders[set * ways + way] as Holder | null) : null;
    }
    return null;
  }

  /** From now on this one holds the key warm. */
  note(key: string, holder: Holder, nowMs: number): void {
    const print = this.printOf(key);
    const set = setOf(print);
    const first = figuresPerSet * set;
    const way = this.wayFor(print, first);
    this.figures[first + way] = print;
    this.figures[first + ways + way] = nowMs;
    this.holders[set * ways + way] = holder;
  }

  /** Where a key is in the set whose figures begin there, else where it is to be. */
  private wayFor(print: number, first: number): number {
    const used = first + ways;
    let oldest = 0;
    for (let way = 0; way < ways; way += 1) {
      if (this.figures[first + way] === print) return way;
      if ((this.figures[used + way] as number) < (this.figures[used + oldest] as number)) oldest = way;
    }
    return oldest;
  }

  /** A call asks for its holder and then notes one: its key is read once. */
  private printOf(key: string): number {
    if (key !== this.lastKey) {
      this.lastKey = key;
      this.lastPrint = fingerprint(key);
    }
    return this.lastPrint;
  }
}

/** Its lowest bits: a remainder of a number that large would be one of fractions, which is slow. */
const setOf = (print: number): number => print & (sets - 1);

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
