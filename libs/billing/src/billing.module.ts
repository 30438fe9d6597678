import { join } from 'node:path';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { CLOCK, RANDOM, type Clock, type Random } from '#kernel';
import { Logger, Metrics } from '#observability';
import { MemoryQueue } from './journal/memory-queue.js';
import { SetAside } from './journal/set-aside.js';
import { UsageJournal } from './journal/usage-journal.js';
import { PostgresLedger } from './persistence/postgres-ledger.js';
import { UsageQueries } from './persistence/usage-queries.js';
import { UsageRecordEntity } from './persistence/usage-record.entity.js';
import { CountingRecorder } from './recording/counting-recorder.js';
import { JournalledRecorder } from './recording/journalled-recorder.js';
import { LedgerWriter } from './recording/ledger-writer.js';
import { UsagePipeline } from './recording/usage-pipeline.js';
import { usageSeries, waitingSeries, type UsageSeries } from './recording/usage-series.js';
import { UsageRecorder } from './usage-record.js';
import { UsageReports } from './usage-reports.js';

/** How the module is set up. */
export interface BillingOptions {
  /** `none`: records are counted in metrics only, there are no reports, no database is needed. */
  readonly storage: 'postgres' | 'none';
  /** Absolute; the journal goes into `usage-journal` in it. Processes may share it. */
  readonly dataDir: string;
  /** How long stopping may wait for the ledger, ms; default 5 s. What is left then is stored by the next process. */
  readonly drainDeadlineMs?: number;
}

const SERIES = Symbol('UsageSeries');
const OVERFLOW = Symbol('UsageOverflow');
const overflowBytes = 8 * 1024 * 1024;

const series: FactoryProvider<UsageSeries> = { provide: SERIES, inject: [Metrics], useFactory: usageSeries };

const countingRecorder: FactoryProvider<UsageRecorder> = {
  provide: UsageRecorder,
  inject: [SERIES],
  useFactory: (own: UsageSeries) => new CountingRecorder(own),
};

const overflow = { provide: OVERFLOW, useFactory: () => new MemoryQueue(overflowBytes) };

const recorder: FactoryProvider<JournalledRecorder> = {
  provide: JournalledRecorder,
  inject: [UsageJournal, OVERFLOW, SERIES, Logger],
  useFactory: (journal: UsageJournal, queue: MemoryQueue, own: UsageSeries, logger: Logger) =>
    new JournalledRecorder({ journal, overflow: queue, series: own, logger }),
};

const journal = (root: string): FactoryProvider<UsageJournal> => ({
  provide: UsageJournal,
  inject: [SERIES, Logger],
  useFactory: ({ dropped }: UsageSeries, logger: Logger) =>
    UsageJournal.open(root, (bytes) => {
      dropped.increment({ reason: 'segment_deleted' });
      logger.error('somebody deleted a usage journal file before its records were stored', { bytes });
    }),
});

const writer = (root: string): FactoryProvider<LedgerWriter> => ({
  provide: LedgerWriter,
  inject: [getDataSourceToken(), UsageJournal, OVERFLOW, SERIES, Logger],
  useFactory: (
    source: DataSource,
    own: UsageJournal,
    queue: MemoryQueue,
    some: UsageSeries,
    logger: Logger,
  ) =>
    new LedgerWriter({
      sources: [own, queue],
      ledger: new PostgresLedger(source),
      setAside: new SetAside(join(root, 'set-aside.bad')),
      series: some,
      logger,
    }),
});

const pipeline = (drainDeadlineMs: number): FactoryProvider<UsagePipeline> => ({
  provide: UsagePipeline,
  inject: [UsageJournal, OVERFLOW, JournalledRecorder, LedgerWriter, Logger, Metrics, CLOCK, RANDOM],
  useFactory: (
    own: UsageJournal,
    queue: MemoryQueue,
    front: JournalledRecorder,
    back: LedgerWriter,
    logger: Logger,
    metrics: Metrics,
    clock: Clock,
    random: Random,
  ) => {
    waitingSeries(metrics, { onDisk: () => own.unread, inMemory: () => queue.bytes });
    return new UsagePipeline({
      journal: own,
      recorder: front,
      writer: back,
      logger,
      clock,
      random,
      drainDeadlineMs,
    });
  },
});

/**
 * Usage of every call: recorder, journal, ledger, reports. Global. Needs `Logger`, `Metrics`, `CLOCK` and `RANDOM`, and with
 * `postgres` a TypeORM data source.
 */
@Module({})
export class BillingModule {
  static forRoot({ storage, dataDir, drainDeadlineMs = 5_000 }: BillingOptions): DynamicModule {
    const module = { module: BillingModule, global: true };
    if (storage === 'none') {
      return { ...module, providers: [series, countingRecorder], exports: [UsageRecorder] };
    }
    const root = join(dataDir, 'usage-journal');
    return {
      ...module,
      imports: [TypeOrmModule.forFeature([UsageRecordEntity])],
      providers: [
        series,
        overflow,
        journal(root),
        recorder,
        { provide: UsageRecorder, useExisting: JournalledRecorder },
        writer(root),
        pipeline(drainDeadlineMs),
        UsageQueries,
        UsageReports,
      ],
      exports: [UsageRecorder, UsageReports],
    };
  }
}
