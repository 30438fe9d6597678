import { eventHash } from './event-hash.js';
import type { StoredEvent } from './stored-event.js';

/** Up to where a chain is known. */
export interface ChainEnd {
  readonly sequence: number;
  /** Hex. */
  readonly hash: string;
}

/**
 * The first event that is not as it was written. `missing`: there is none of that sequence; `inserted`: there is one too
 * many; `changed`: it is not what was hashed; `rewritten`: it or a later one up to the next checkpoint is not what was signed; `cut`:
 * the log ends before it, and did not; `seal`: what stands for archived events cannot be believed.
 */
export interface ChainFault {
  readonly sequence: number;
  readonly reason: 'missing' | 'inserted' | 'changed' | 'rewritten' | 'cut' | 'seal';
}

/** Follows a chain event by event, in order of sequence, and compares it with what was signed outside the database. */
export class ChainCheck {
  private readonly start: ChainEnd;
  private last: ChainEnd & { atMs: number };
  private proven: number;
  /** What a checkpoint contradicts; the next event may say more exactly where the fault is. */
  private contradicted: ChainFault | null = null;
  private checkpoint = 0;

  /** @param checkpoints in order of sequence */
  constructor(
    start: ChainEnd,
    private readonly checkpoints: readonly ChainEnd[] = [],
  ) {
    this.start = start;
    this.proven = start.sequence;
    this.last = { ...start, atMs: Number.NEGATIVE_INFINITY };
    this.skipCheckpoints(start.sequence);
  }

  /** The last event that was followed. */
  get end(): ChainEnd {
    return { sequence: this.last.sequence, hash: this.last.hash };
  }

  /** @returns the first fault; after one the check is over */
  take(event: StoredEvent): ChainFault | null {
    const expected = this.last.sequence + 1;
    if (event.sequence < expected) return { sequence: event.sequence, reason: 'inserted' };
    if (event.sequence > expected) return this.contradicted ?? { sequence: expected, reason: 'missing' };
    const intact = eventHash(event) === event.hash && event.atMs >= this.last.atMs;
    if (!intact) return this.contradicted ?? { sequence: expected, reason: 'changed' };
    if (event.previous !== this.last.hash) {
      // The event holds what it followed when it was written: what it should follow was written anew.
      return { sequence: Math.max(this.last.sequence, this.start.sequence + 1), reason: 'changed' };
    }
    if (this.contradicted !== null) return this.contradicted;
    this.last = event;
    this.compare(event);
    return null;
  }

  /** After the last event. @returns what only the end can tell */
  finish(): ChainFault | null {
    if (this.contradicted !== null) return this.contradicted;
    const ahead = this.checkpoints[this.checkpoint];
    return ahead === undefined ? null : { sequence: this.last.sequence + 1, reason: 'cut' };
  }

  private compare({ sequence, hash }: StoredEvent): void {
    for (;;) {
      const next = this.checkpoints[this.checkpoint];
      if (next === undefined || next.sequence > sequence) return;
      this.checkpoint += 1;
      if (next.hash !== hash) this.contradicted = { sequence: this.proven + 1, reason: 'rewritten' };
      else if (this.contradicted === null) this.proven = sequence;
    }
  }

  private skipCheckpoints(sequence: number): void {
    while ((this.checkpoints[this.checkpoint]?.sequence ?? Infinity) <= sequence) this.checkpoint += 1;
  }
}
