import { join } from 'node:path';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { AccessJournal } from './access-journal.js';
import { AUDIT_OPTIONS, type AuditOptions } from './audit.options.js';
import { AuditLog } from './audit-log.js';
import { AuditTrail } from './audit-trail.js';
import { AuditVerifier } from './audit-verifier.js';
import { CheckpointFile } from './checkpoints/checkpoint-file.js';
import { CheckpointWriter } from './checkpoints/checkpoint-writer.js';
import { SigningKeys } from './checkpoints/signing-keys.js';
import { AuditExporter } from './export/audit-exporter.js';
import { Fingerprints } from './fingerprints.js';
import { AuditRows } from './persistence/audit-rows.js';
import { LogKeeper } from './persistence/log-keeper.js';
import { PostgresAuditTrail } from './persistence/postgres-audit-trail.js';
import { SealRows } from './persistence/seal-rows.js';
import { AuditRetention } from './retention/audit-retention.js';

const checkpointFile: FactoryProvider<CheckpointFile> = {
  provide: CheckpointFile,
  inject: [AUDIT_OPTIONS, SigningKeys],
  useFactory: ({ dataDir }: AuditOptions, keys: SigningKeys) =>
    new CheckpointFile(join(dataDir, 'audit-checkpoints.jsonl'), keys),
};

const offered = [
  AuditTrail,
  AuditLog,
  AuditVerifier,
  AuditExporter,
  AccessJournal,
  AuditRetention,
  CheckpointWriter,
  SigningKeys,
];

/**
 * The audit log. Global. Needs a TypeORM data source with this product's migrations run, the global modules of
 * `#observability` and `#secrets`, a `CLOCK`, and `ScheduleModule.forRoot()` for what is done by the clock.
 */
@Module({})
export class AuditModule {
  static forRoot(options: AuditOptions): DynamicModule {
    return {
      module: AuditModule,
      global: true,
      providers: [
        { provide: AUDIT_OPTIONS, useValue: options },
        { provide: AuditTrail, useClass: PostgresAuditTrail },
        checkpointFile,
        Fingerprints,
        SigningKeys,
        AuditRows,
        SealRows,
        AuditLog,
        AuditVerifier,
        AuditExporter,
        AccessJournal,
        CheckpointWriter,
        AuditRetention,
        LogKeeper,
      ],
      exports: offered,
    };
  }
}
