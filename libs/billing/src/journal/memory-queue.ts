import type { Batch } from './batch.js';

/** Where lines wait when the disk takes none: bounded, and gone with the process. */
export class MemoryQueue {
  private readonly chunks: Buffer[] = [];
  private heldBytes = 0;

  /** @param maxBytes more is not taken */
  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.heldBytes;
  }

  /** @returns whether the lines were taken */
  push(lines: Buffer): boolean {
    if (this.heldBytes + lines.length > this.maxBytes) return false;
    this.chunks.push(lines);
    this.heldBytes += lines.length;
    return true;
  }

  /** Takes the oldest chunk out; whoever cannot keep it gives it back. */
  shift(): Buffer | null {
    const chunk = this.chunks.shift() ?? null;
    this.heldBytes -= chunk?.length ?? 0;
    return chunk;
  }

  /** Puts a chunk back where it was taken from. */
  unshift(chunk: Buffer): void {
    this.chunks.unshift(chunk);
    this.heldBytes += chunk.length;
  }

  /** @returns the oldest lines, for the ledger; `null` when there are none */
  next(): Batch | null {
    const chunk = this.shift();
    if (chunk === null) return null;
    return {
      lines: chunk,
      done: () => undefined,
      failed: () => this.unshift(chunk),
    };
  }
}
