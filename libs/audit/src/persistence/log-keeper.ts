import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Logger } from '#observability';

/** Partitions that are made ahead: the log can be written for as long, though nobody looks after it. */
const monthsAhead = 12;

/** Looks after the tables of the log: there is a partition for every month to come, and the application does not own them. */
@Injectable()
export class LogKeeper implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.ensurePartitions();
    if (!(await this.isOwner())) return;
    this.logger.warn(
      "the database role of this process owns the audit log and could undo the log's protection: set DATABASE_MIGRATION_URL",
    );
  }

  /** Every replica may do it: the second finds nothing to do. */
  @Cron('5 0 * * *')
  async ensurePartitions(): Promise<void> {
    try {
      await this.dataSource.query('SELECT audit_ensure_partitions($1)', [monthsAhead]);
    } catch (error) {
      this.logger.error('the audit log has no partitions for months to come', { error });
    }
  }

  private async isOwner(): Promise<boolean> {
    try {
      const [row]: { owns: boolean }[] = await this.dataSource.query(ownsLog);
      return row?.owns === true;
    } catch (error) {
      this.logger.warn('it cannot be told who owns the audit log', { error });
      return false;
    }
  }
}

const ownsLog = `
  SELECT pg_has_role(current_user, relowner, 'MEMBER') AS owns FROM pg_class WHERE oid = 'audit_events'::regclass`;
