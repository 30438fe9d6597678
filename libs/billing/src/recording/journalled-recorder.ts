import type { Logger } from '#observability';
import { costOf } from '../domain/rate.js';
import { usageLine } from '../domain/usage-line.js';
import type { MemoryQueue } from '../journal/memory-queue.js';
import type { UsageJournal } from '../journal/usage-journal.js';
import { UsageRecorder, type UsageRecord } from '../usage-record.js';
import type { UsageSeries } from './usage-series.js';

/** What the recorder works with. */
export interface JournalledRecorderParts {
  readonly journal: Pick<UsageJournal, 'append'>;
  /** Takes what the journal cannot. */
  readonly overflow: MemoryQueue;
  readonly series: UsageSeries;
  readonly logger: Logger;
}

/** More records than this in one turn of the event loop are dropped: something is wrong then. */
const mostPerTurn = 100_000;
/**
 * Rates records and journals them: those of one turn of the event loop together, in one synchronous append at the turn's
 * end, after answers were written. So a killed process loses at most the records of the turn it died in.
 */
export class JournalledRecorder extends UsageRecorder {
  private turn: UsageRecord[] = [];
  private troubled = false;

  constructor(private readonly parts: JournalledRecorderParts) {
    super();
  }

  record(usage: UsageRecord): void {
    if (this.turn.length >= mostPerTurn) return this.drop('overflow', 1);
    if (this.turn.push(usage) === 1) setImmediate(this.flush);
  }

  /** Journals what came in this turn, now. */
  readonly flush = (): void => {
    const turn = this.turn;
    if (turn.length === 0) return;
    this.turn = [];
    this.parts.series.records.increment({ stage: 'recorded' }, turn.length);
    let lines = '';
    for (const usage of turn) lines += this.lineOf(usage);
    if (lines !== '') this.keep(lines, turn.length);
  };

  private lineOf(usage: UsageRecord): string {
    try {
      return usageLine(usage, usage.costNanoUsd === undefined ? costOf(usage) : usage.costNanoUsd);
    } catch (error) {
      this.parts.logger.error('a usage record cannot be written down', { callId: usage.id, error });
      this.drop('unencodable', 1);
      return '';
    }
  }

  private keep(lines: string, records: number): void {
    const { journal, overflow, logger } = this.parts;
    const kept = journal.append(lines);
    if (kept.kind === 'kept') {
      this.afterTrouble();
      return;
    }
    if (!this.troubled) {
      const error = kept.kind === 'unwritable' ? kept.error : undefined;
      logger.error('the usage journal takes no more; records wait in memory', { why: kept.kind, error });
    }
    this.troubled = true;
    if (!overflow.push(Buffer.from(lines))) this.drop('overflow', records);
  }

  /** The journal takes lines again: what waits in memory follows, a chunk with each append. */
  private afterTrouble(): void {
    if (!this.troubled) return;
    const { journal, overflow, logger } = this.parts;
    const waiting = overflow.shift();
    if (waiting === null) {
      this.troubled = false;
      logger.info('the usage journal takes records again');
    } else if (journal.append(waiting.toString('utf8')).kind !== 'kept') overflow.unshift(waiting);
  }

  private drop(reason: 'overflow' | 'unencodable', records: number): void {
    this.parts.series.dropped.increment({ reason }, records);
  }
}
