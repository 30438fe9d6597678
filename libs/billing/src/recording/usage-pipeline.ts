import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
} from '@nestjs/common';
import type { Clock, Random } from '#kernel';
import type { Logger } from '#observability';
import { defaultJournalLimits, type UsageJournal } from '../journal/usage-journal.js';
import type { JournalledRecorder } from './journalled-recorder.js';
import type { LedgerWriter } from './ledger-writer.js';
import { retryDelayMs } from './retry-delay.js';

/** What the pipeline drives. */
export interface UsagePipelineParts {
  readonly journal: UsageJournal;
  readonly recorder: JournalledRecorder;
  readonly writer: LedgerWriter;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** How long stopping may wait for the ledger; what is left then waits in the journal. */
  readonly drainDeadlineMs: number;
}

/** How long records may wait to be written together. */
const gatherMs = 250;
/** From a whole batch on they need not wait for more to come. */
const backlogBytes = defaultJournalLimits.batchBytes;
/** Well below the time after which processes of other places count as gone. */
const houseKeepingMs = 30_000;

/** Keeps records moving from the recorder to the ledger, from start to stop. */
export class UsagePipeline
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private writing: NodeJS.Timeout | null = null;
  private houseKeeping: NodeJS.Timeout | null = null;
  private step: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: UsagePipelineParts) {}

  /** Takes over what a killed process left, then writes on until stopped. */
  async onApplicationBootstrap(): Promise<void> {
    await this.keepHouse();
    this.houseKeeping = setInterval(() => void this.keepHouse(), houseKeepingMs).unref();
    this.writeIn(0);
  }

  /** While the database is still there. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.drain(this.parts.drainDeadlineMs);
  }

  /** Records that came later are in the journal and wait for the next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (this.houseKeeping !== null) clearInterval(this.houseKeeping);
    if (this.writing !== null) clearTimeout(this.writing);
    this.parts.recorder.flush();
    await this.parts.journal.close();
  }

  /**
   * Writes until nothing waits or the deadline has passed.
   *
   * @returns bytes that still wait; they are safe in the journal
   */
  async drain(deadlineMs: number): Promise<number> {
    const { journal, recorder, logger } = this.parts;
    recorder.flush();
    const { promise: deadline, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, deadlineMs);
    let late = false;
    const writtenAll = async (): Promise<void> => {
      while (!late && (await this.writeOnce()) === 'written');
    };
    await Promise.race([writtenAll(), deadline]);
    late = true;
    clearTimeout(timer);
    if (journal.unread > 0) logger.warn('usage records wait for the next start', { bytes: journal.unread });
    return journal.unread;
  }

  private writeIn(delayMs: number): void {
    if (this.stopped) return;
    this.writing = setTimeout(() => void this.writeAndGoOn(), delayMs).unref();
  }

  private async writeAndGoOn(): Promise<void> {
    const outcome = await this.writeOnce();
    const { journal, writer, random } = this.parts;
    if (outcome === 'failed') this.writeIn(retryDelayMs(writer.failures, random));
    else this.writeIn(journal.unread >= backlogBytes ? 0 : gatherMs);
  }

  /** One step at a time, whoever asks. */
  private writeOnce(): ReturnType<LedgerWriter['writeNext']> {
    const next = this.step.then(() => this.parts.writer.writeNext());
    this.step = next;
    return next;
  }

  private async keepHouse(): Promise<void> {
    const { journal, logger, clock } = this.parts;
    try {
      const nowMs = clock.nowMs();
      journal.touch(nowMs);
      const segments = await journal.adopt(nowMs);
      if (segments > 0) logger.info('took over usage records of a process that is gone', { segments });
    } catch (error) {
      logger.warn('the usage journal could not be looked after', { error });
    }
  }
}
