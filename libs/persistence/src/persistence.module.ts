import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Secret } from '#kernel';
import { Logger } from '#observability';
import { ChangeFeed } from './change-feed.js';
import { PgChangeFeed } from './change-feed/pg-change-feed.js';
import { systemTimers } from './change-feed/timers.js';
import { dataSourceOptions } from './typeorm/data-source-options.js';

/** How the application connects. */
export interface PersistenceOptions {
  /** `postgres://…`, as `openDatabase` gave it. */
  readonly url: Secret;
  /** Most connections of the pool, at least 1; default 10. */
  readonly poolSize?: number;
  /** Longest statement, ms; default 15 s. */
  readonly statementTimeoutMs?: number;
}

/**
 * Connects TypeORM with the entities that feature modules register by `TypeOrmModule.forFeature`, and provides the
 * `ChangeFeed`. Needs a global `Logger`. A database that goes away later is logged, and used again when it is back.
 */
@Global()
@Module({})
export class PersistenceModule {
  static forRoot({ url, ...limits }: PersistenceOptions): DynamicModule {
    return {
      module: PersistenceModule,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [Logger],
          useFactory: (logger: Logger) => ({
            ...dataSourceOptions(url, logger, limits),
            autoLoadEntities: true,
            retryAttempts: 1,
          }),
        }),
      ],
      providers: [
        {
          provide: ChangeFeed,
          inject: [DataSource, Logger],
          useFactory: (dataSource: DataSource, logger: Logger) =>
            new PgChangeFeed({ url, dataSource, logger, timers: systemTimers }),
        },
      ],
      exports: [ChangeFeed],
    };
  }
}
