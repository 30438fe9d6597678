import type { Logger as TypeOrmLogger } from 'typeorm';
import type { Logger } from '#observability';

/** TypeORM's log lines in our log: the text of a statement at `debug`, its parameters never, for they hold data. */
export class QueryLog implements TypeOrmLogger {
  constructor(private readonly logger: Logger) {}

  logQuery(): void {}

  logQueryError(error: string | Error, statement: string): void {
    const reason = error instanceof Error ? error.message : error;
    this.logger.debug('statement failed', { statement, reason });
  }

  logQuerySlow(durationMs: number, statement: string): void {
    this.logger.warn('statement was slow', { statement, durationMs });
  }

  logSchemaBuild(message: string): void {
    this.logger.debug(message);
  }

  logMigration(message: string): void {
    this.logger.debug(message);
  }

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.logger.warn(String(message));
    else this.logger.debug(String(message));
  }
}
