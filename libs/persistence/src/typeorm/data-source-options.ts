import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { QueryLog } from './query-log.js';
import { SnakeNaming } from './snake-naming.js';

/** What the connections of one data source may do. */
export interface ConnectionLimits {
  /** Most connections at a time, at least 1; default 10. */
  readonly poolSize?: number;
  /** Longest statement, ms; 0 is without limit. Default 15 s. */
  readonly statementTimeoutMs?: number;
}

const connectTimeoutMs = 5_000;
const slowStatementMs = 1_000;
/** The server ends a statement first; this bound is for a server that does not answer at all. */
const answerGraceMs = 5_000;

/** The options every TypeORM data source here shares: naming, pool bounds, timeouts, log. Never synchronises. */
export function dataSourceOptions(
  url: Secret,
  logger: Logger,
  { poolSize = 10, statementTimeoutMs = 15_000 }: ConnectionLimits = {},
): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url: url.reveal(),
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    migrationsRun: false,
    applicationName: 'provider-account-pool',
    poolSize,
    connectTimeoutMS: connectTimeoutMs,
    maxQueryExecutionTime: slowStatementMs,
    logger: new QueryLog(logger),
    logging: ['error', 'warn'],
    poolErrorHandler: (error: unknown) => logger.warn('lost a database connection', { error }),
    extra: {
      keepAlive: true,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + answerGraceMs,
    },
  };
}
