import type { Logger } from '#observability';
import type { Batch } from '../journal/batch.js';
import type { SetAside } from '../journal/set-aside.js';
import type { Ledger, LedgerAnswer } from '../ledger.js';
import type { UsageSeries } from './usage-series.js';

/** What one step of the writer came to. */
export type WriteOutcome = 'idle' | 'written' | 'failed';

/** What the writer works with. */
export interface LedgerWriterParts {
  /** Asked in this order. */
  readonly sources: readonly { next(): Promise<Batch | null> | Batch | null }[];
  readonly ledger: Ledger;
  readonly setAside: Pick<SetAside, 'keep'>;
  readonly series: UsageSeries;
  readonly logger: Logger;
}

/** Cuts text into lines; a last one without a newline counts. */
const linesIn = (bytes: Buffer): string[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');

function isWhole(line: string): boolean {
  try {
    return Array.isArray(JSON.parse(line));
  } catch {
    return false;
  }
}

/** Moves batches of lines to the ledger. One line that cannot be stored never stops the others. */
export class LedgerWriter {
  /** Steps that failed in a row. */
  failures = 0;

  constructor(private readonly parts: LedgerWriterParts) {}

  /** Moves one batch. Never rejects: what failed comes again. */
  async writeNext(): Promise<WriteOutcome> {
    let batch: Batch | null = null;
    try {
      batch = await this.nextBatch();
      if (batch === null) return 'idle';
      await this.write(batch.lines);
      batch.done();
      this.noteSuccess();
      return 'written';
    } catch (error) {
      batch?.failed();
      this.noteFailure(error);
      return 'failed';
    }
  }

  private async nextBatch(): Promise<Batch | null> {
    for (const source of this.parts.sources) {
      const batch = await source.next();
      if (batch !== null) return batch;
    }
    return null;
  }

  /** Only a batch that is refused as a whole is taken apart. */
  private async write(bytes: Buffer): Promise<void> {
    if ((await this.tryStore(bytes)).kind === 'stored') return;
    const lines = linesIn(bytes);
    const torn = lines.filter((line) => !isWhole(line));
    if (torn.length > 0) await this.keepAside(torn, 'corrupt');
    const whole = lines.filter(isWhole);
    if (whole.length > 0) await this.storeAll(whole);
  }

  /** Refused lines are found by halving, a few statements each. */
  private async storeAll(lines: readonly string[]): Promise<void> {
    const answer = await this.tryStore(Buffer.from(lines.join('\n')));
    if (answer.kind === 'stored') return;
    if (lines.length === 1) {
      this.parts.logger.error('a usage record cannot be stored and was set aside', { reason: answer.reason });
      return this.keepAside(lines, 'refused');
    }
    const half = lines.length >> 1;
    await this.storeAll(lines.slice(0, half));
    await this.storeAll(lines.slice(half));
  }

  private async tryStore(lines: Buffer): Promise<LedgerAnswer> {
    const answer = await this.parts.ledger.store(lines);
    if (answer.kind === 'stored') {
      const { records } = this.parts.series;
      records.increment({ stage: 'stored' }, answer.newRecords);
      records.increment({ stage: 'duplicate' }, answer.records - answer.newRecords);
    }
    return answer;
  }

  private async keepAside(lines: readonly string[], reason: 'corrupt' | 'refused'): Promise<void> {
    const { series, setAside, logger } = this.parts;
    const kept = await setAside.keep(lines);
    series.dropped.increment({ reason }, lines.length);
    if (reason === 'corrupt') logger.warn('torn lines in the usage journal', { lines: lines.length, kept });
  }

  private noteSuccess(): void {
    if (this.failures > 0) this.parts.logger.info('usage records are being stored again');
    this.failures = 0;
  }

  /** Said once per outage; the journal's size tells the rest. */
  private noteFailure(error: unknown): void {
    this.failures++;
    if (this.failures > 1) return;
    this.parts.logger.warn('usage records cannot be stored now; they are kept and tried again', { error });
  }
}
