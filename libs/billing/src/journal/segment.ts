import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';

const newline = 0x0a;

function nullIfMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}

/** One append-only file of journal lines: written by one process, read from front to back, deleted when all is read. */
export class Segment {
  private readBytes = 0;

  private constructor(
    readonly path: string,
    private fd: number | null,
    private sizeBytes: number,
  ) {}

  /**
   * @throws Error of the file system, for example when the disk is full
   */
  static create(path: string): Segment {
    return new Segment(path, openSync(path, 'ax', 0o600), 0);
  }

  static async found(path: string): Promise<Segment> {
    const { size } = await stat(path);
    return new Segment(path, null, size);
  }

  /** Whether lines can still be appended. */
  get isOpen(): boolean {
    return this.fd !== null;
  }

  get size(): number {
    return this.sizeBytes;
  }

  get unread(): number {
    return this.sizeBytes - this.readBytes;
  }

  /**
   * All of it or nothing.
   *
   * @param bytes how long the lines are in UTF-8
   * @throws Error of the file system; what was half written is cut off again
   */
  append(lines: string, bytes: number): void {
    if (this.fd === null) throw new Error('the segment is sealed');
    try {
      if (writeSync(this.fd, lines) !== bytes)
        throw new Error('the file system took a part of the lines only');
      this.sizeBytes += bytes;
    } catch (error) {
      ftruncateSync(this.fd, this.sizeBytes);
      throw error;
    }
  }

  /** No more lines will come. */
  seal(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /**
   * Whole lines from the front; a last one without newline only at the end of the file, or when it is longer than
   * `maxBytes`, which no line of ours is.
   *
   * @returns `null` when the file was deleted or cut off by somebody else
   * @throws Error of the file system that may pass
   */
  async read(maxBytes: number): Promise<Buffer | null> {
    const file = await open(this.path, 'r').catch(nullIfMissing);
    if (file === null) return null;
    try {
      const wanted = Buffer.allocUnsafe(Math.min(maxBytes, this.unread));
      const { bytesRead } = await file.read(wanted, 0, wanted.length, this.readBytes);
      if (bytesRead === 0) return null;
      const bytes = wanted.subarray(0, bytesRead);
      const cut = bytesRead < this.unread ? bytes.lastIndexOf(newline) + 1 : bytesRead;
      return cut === 0 ? bytes : bytes.subarray(0, cut);
    } finally {
      await file.close();
    }
  }

  /** Notes that the first unread bytes are safe elsewhere. */
  advance(bytes: number): void {
    this.readBytes += bytes;
  }

  /** Deletes the file, unless somebody who was thought gone went on writing: then the rest is to be read. */
  async remove(): Promise<'removed' | 'grown'> {
    const { size } = await stat(this.path).catch(() => ({ size: 0 }));
    if (size > this.sizeBytes) {
      this.sizeBytes = size;
      return 'grown';
    }
    await rm(this.path, { force: true });
    return 'removed';
  }
}
