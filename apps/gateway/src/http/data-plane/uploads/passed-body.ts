import { Readable } from 'node:stream';

/** Takes the bytes that follow the head of an upload; the end is `null`. @returns whether more are wanted now */
export type Give = (chunk: Buffer | null) => boolean;

/** What follows the head of an upload, as it arrives. */
export interface BodyRest {
  /** More is wanted after all. */
  resume(): void;
  /** Nothing is wanted any more. */
  stop(): void;
}

/**
 * Pieces are at least so large, bytes: more than a connection takes without waiting until it is sent (undici: 64 KiB, TLS 16 KiB),
 * so that the next one is asked for only then.
 */
const pieceBytes = 98_304;
/** A piece, and what may come at once: Node reads 64 KiB from a socket. */
const bufferBytes = pieceBytes + 65_536;
/** For so long more is waited for before what is there goes on, ms. */
const patienceMs = 1_000;

/**
 * One attempt's reading of an upload. What arrives is gathered in two buffers that take turns: a piece stays as it is until the next
 * is asked for, and the memory of what arrived is given back at once, not when V8 comes to collect it.
 */
export class PassedBody extends Readable {
  private rest: BodyRest | null = null;
  private filling: Buffer | null = null;
  private sent: Buffer | null = null;
  private filled = 0;
  private isWanted = false;
  private hasEnded = false;
  private patience: NodeJS.Timeout | null = null;

  /**
   * @param head what goes before the rest, in pieces
   * @param openRest begins to read what follows it
   */
  constructor(
    private readonly head: Buffer[],
    private readonly openRest: (give: Give) => BodyRest,
  ) {
    // Nothing is read ahead: to be asked means that the piece before has gone.
    super({ highWaterMark: 0 });
  }

  override _read(): void {
    const next = this.head.shift();
    if (next !== undefined) {
      this.push(next);
      return;
    }
    this.isWanted = true;
    this.rest ??= this.openRest((chunk) => this.receive(chunk));
    this.pass();
    if (this.filled < pieceBytes) this.rest.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopWaiting();
    this.rest?.stop();
    done(error);
  }

  private receive(chunk: Buffer | null): boolean {
    if (chunk === null) this.hasEnded = true;
    else this.gather(chunk);
    this.pass();
    return this.filled < pieceBytes;
  }

  private gather(chunk: Buffer): void {
    const needed = this.filled + chunk.length;
    this.filling ??= Buffer.allocUnsafeSlow(bufferBytes);
    if (needed > this.filling.length) {
      const larger = Buffer.allocUnsafeSlow(needed);
      this.filling.copy(larger, 0, 0, this.filled);
      this.filling = larger;
    }
    chunk.copy(this.filling, this.filled);
    this.filled = needed;
    release(chunk);
  }

  /** Passes on what is there, if it is wanted and enough, or all there will be. */
  private pass(): void {
    if (!this.isWanted) return;
    if (this.filled >= pieceBytes || (this.hasEnded && this.filled > 0)) this.passBuffer();
    else if (this.hasEnded) this.passPiece(null);
    else if (this.filled > 0) this.patience ??= setTimeout(() => this.passLittle(), patienceMs);
  }

  private passBuffer(): void {
    const piece = this.filling?.subarray(0, this.filled) ?? null;
    [this.filling, this.sent] = [this.sent, this.filling];
    this.filled = 0;
    this.passPiece(piece);
  }

  /** A connection may take a small piece and ask for more before it is sent: it is memory of its own. */
  private passLittle(): void {
    this.patience = null;
    if (!this.isWanted || this.filling === null || this.filled === 0) return;
    const piece = Buffer.from(this.filling.subarray(0, this.filled));
    this.filled = 0;
    this.passPiece(piece);
  }

  private passPiece(piece: Buffer | null): void {
    this.isWanted = false;
    this.stopWaiting();
    this.push(piece);
  }

  private stopWaiting(): void {
    if (this.patience !== null) clearTimeout(this.patience);
    this.patience = null;
  }
}

/** Gives the memory of a chunk back that nobody else looks at. One that shares its memory is left alone. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer.byteLength === byteLength && 'transfer' in buffer) buffer.transfer(0);
}
