import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { AuditRows } from '../persistence/audit-rows.js';
import { CheckpointFile } from './checkpoint-file.js';

/** Signs the end of the log once a minute when it has moved, and when the process stops. */
@Injectable()
export class CheckpointWriter implements BeforeApplicationShutdown {
  private written = 0;

  constructor(
    private readonly rows: AuditRows,
    private readonly file: CheckpointFile,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Cron('* * * * *')
  async everyMinute(): Promise<void> {
    try {
      await this.write();
    } catch (error) {
      this.logger.warn('no checkpoint of the audit log could be written', { error });
    }
  }

  /** A change of the last seconds is vouched for too. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.everyMinute();
  }

  /**
   * Signs the end of the log now, unless it is signed already.
   *
   * @throws whatever the database or the file system throws
   */
  async write(): Promise<void> {
    const head = await this.rows.head();
    if (head === null || head.sequence <= this.written) return;
    const at = new Date(this.clock.nowMs()).toISOString();
    await this.file.append({ sequence: head.sequence, hash: head.hash, at });
    this.written = head.sequence;
  }
}
