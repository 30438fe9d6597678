/**
 * Bytes as they arrive. Most answers arrive in one piece, which is then neither copied nor put into a list: on the hot
 * path a list per call is not only garbage, it keeps the pieces alive for longer than they are needed.
 */
export class CollectedBytes {
  /** Of all pieces, in bytes. */
  size = 0;
  #first: Buffer | null = null;
  #others: Buffer[] | null = null;

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.size += piece.length;
    if (this.#first === null) this.#first = piece;
    else if (this.#others === null) this.#others = [piece];
    else this.#others.push(piece);
  }

  /** All bytes in one piece; none are kept. */
  take(): Buffer {
    const first = this.#first ?? nothing;
    const all = this.#others === null ? first : Buffer.concat([first, ...this.#others]);
    this.size = 0;
    this.#first = null;
    this.#others = null;
    return all;
  }
}

const nothing = Buffer.alloc(0);
