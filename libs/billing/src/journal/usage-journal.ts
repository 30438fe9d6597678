import { mkdirSync, utimesSync } from 'node:fs';
import { mkdir, readdir, rename, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from './batch.js';
import { isOrphaned, leftSuffix, newOwner } from './journal-owner.js';
import { Segment } from './segment.js';

/** How large things may become. */
export interface JournalLimits {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytes: number;
  /** All segments of this process together; more is not taken. */
  readonly maxBytes: number;
  /** One batch; larger than the longest line. */
  readonly batchBytes: number;
}

/** 1 GiB is about 1.5 million records. */
export const defaultJournalLimits: JournalLimits = {
  segmentBytes: 4 * 1024 * 1024,
  maxBytes: 1024 * 1024 * 1024,
  batchBytes: 1024 * 1024,
};

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
const unlessMissing = (error: unknown): void => {
  if (!isMissing(error)) throw error;
};

/**
 * Usage on its way to the ledger, on disk: what was appended survives the process. Each process has a directory of its own
 * under the root and takes over those of processes that are gone. Lines leave in about the order they came, at least once.
 */
export class UsageJournal {
  private readonly owner = newOwner();
  private readonly directory: string;
  private readonly segments: Segment[] = [];
  private nextNumber = 1;
  private closed = false;

  private constructor(
    private readonly root: string,
    private readonly onLost: (bytes: number) => void,
    private readonly limits: JournalLimits,
  ) {
    this.directory = join(root, this.owner.directoryName);
  }

  /**
   * Opens the journal of this process; call {@link adopt} next for what others left.
   *
   * @param onLost told how much was in a segment that somebody deleted under our hands
   * @throws Error of the file system when the directories cannot be made
   */
  static async open(
    root: string,
    onLost: (bytes: number) => void,
    limits: JournalLimits = defaultJournalLimits,
  ): Promise<UsageJournal> {
    const journal = new UsageJournal(root, onLost, limits);
    await mkdir(journal.directory, { recursive: true, mode: 0o700 });
    return journal;
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** Bytes that are nowhere else yet. */
  get unread(): number {
    return this.segments.reduce((sum, { unread }) => sum + unread, 0);
  }

  /**
   * Appends in one synchronous write.
   *
   * @param lines whole lines
   * @returns why not, when the lines were not taken; none of them is in the journal then
   */
  append(lines: string): { kind: 'kept' } | { kind: 'full' } | { kind: 'unwritable'; error: unknown } {
    const bytes = Buffer.byteLength(lines);
    if (this.bytes + bytes > this.limits.maxBytes) return { kind: 'full' };
    try {
      this.writable().append(lines, bytes);
      return { kind: 'kept' };
    } catch (error) {
      return { kind: 'unwritable', error };
    }
  }

  /** @returns the oldest lines that are nowhere else; `null` when there are none. The next only after this one is done. */
  async next(): Promise<Batch | null> {
    await this.removeRead();
    for (const segment of [...this.segments]) {
      if (segment.unread === 0) continue;
      const lines = await segment.read(this.limits.batchBytes);
      if (this.closed) return null;
      if (lines === null) {
        this.giveUp(segment);
        continue;
      }
      return {
        lines,
        done: () => segment.advance(lines.length),
        failed: () => undefined,
      };
    }
    return null;
  }

  /**
   * Takes over the segments of processes that are gone. Of several that try, each segment goes to one.
   *
   * @returns how many segments
   */
  async adopt(nowMs: number): Promise<number> {
    let adopted = 0;
    for (const name of await readdir(this.root)) {
      const directory = join(this.root, name);
      if (!name.includes('~') || directory === this.directory) continue;
      const touchedAtMs = await stat(directory).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      );
      if (touchedAtMs === null || !isOrphaned(name, touchedAtMs, this.owner, nowMs)) continue;
      adopted += await this.adoptFrom(directory);
    }
    return adopted;
  }

  /** Tells processes of other places that this one lives. One that was thought gone starts over with a new directory. */
  touch(nowMs: number): void {
    try {
      utimesSync(this.directory, nowMs / 1000, nowMs / 1000);
    } catch (error) {
      unlessMissing(error);
      for (const segment of this.segments.splice(0)) segment.seal();
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    }
  }

  /** Takes no more lines; what is left is for the next process. Repeating it does nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const segment of this.segments) segment.seal();
    await this.removeRead();
    if (this.segments.length === 0) await rmdir(this.directory).catch(unlessMissing);
    else await rename(this.directory, `${this.directory}${leftSuffix}`).catch(unlessMissing);
  }

  private writable(): Segment {
    if (this.closed) throw new Error('the journal is closed');
    const last = this.segments.at(-1);
    if (last?.isOpen && last.size < this.limits.segmentBytes) return last;
    const segment = Segment.create(this.nextPath());
    last?.seal();
    this.segments.push(segment);
    return segment;
  }

  private async adoptFrom(directory: string): Promise<number> {
    const names = await readdir(directory).catch(() => []);
    let adopted = 0;
    for (const name of names) {
      const path = this.nextPath();
      try {
        await rename(join(directory, name), path);
      } catch (error) {
        unlessMissing(error);
        continue;
      }
      // In front, so that the segment being written stays last.
      this.segments.unshift(await Segment.found(path));
      adopted++;
    }
    await rmdir(directory).catch(() => undefined);
    return adopted;
  }

  private async removeRead(): Promise<void> {
    for (const segment of [...this.segments]) {
      if (segment.isOpen || segment.unread > 0) continue;
      if ((await segment.remove()) === 'removed') this.forget(segment);
    }
  }

  private giveUp(segment: Segment): void {
    segment.seal();
    this.forget(segment);
    this.onLost(segment.unread);
  }

  private forget(segment: Segment): void {
    const at = this.segments.indexOf(segment);
    if (at >= 0) this.segments.splice(at, 1);
  }

  private nextPath(): string {
    return join(this.directory, `${String(this.nextNumber++).padStart(8, '0')}.jsonl`);
  }
}
