import { randomBytes } from 'node:crypto';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { AuditModule, AuditTrail, type AuditDraft } from '#audit';
import type { NamedKey } from '#config';
import { CLOCK, Secret, type Clock } from '#kernel';
import { Logger } from '#observability';
import { PersistenceModule } from '#persistence';
import { SecretsModule } from '#secrets';
import { silentLogger } from '../../support/silent-logger.js';
import type { TestDatabase } from '../../support/test-database.js';

/** What one process is given. */
export interface AuditProcessOptions {
  readonly database: TestDatabase;
  readonly dataDir: string;
  readonly retentionMonths?: number | null;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly keyPeppers?: readonly NamedKey[];
}

/** A fresh pepper. */
export const aPepper = (id: string): NamedKey => ({
  id,
  material: new Secret(randomBytes(32).toString('base64')),
});

const sharedPeppers = [aPepper('pepper')];

/** Starts what a process of the gateway needs for its audit log, with the application's own role. Tests call the jobs. */
export async function startAudit(options: AuditProcessOptions): Promise<TestingModule> {
  const { database, dataDir, retentionMonths = null, keyPeppers = sharedPeppers } = options;
  const module = await Test.createTestingModule({
    imports: [
      surroundings(options),
      PersistenceModule.forRoot({ url: database.applicationUrl, poolSize: 8 }),
      SecretsModule.forRoot({ dataDir, encryptionKeys: [aPepper('key')], keyPeppers }),
      AuditModule.forRoot({ dataDir, ownerUrl: database.url, retentionMonths }),
    ],
  }).compile();
  return module.init();
}

/** Appends events, as many transactions. */
export async function happened(
  app: TestingModule,
  count: number,
  more: Partial<AuditDraft> = {},
): Promise<void> {
  const trail = app.get(AuditTrail);
  for (let i = 0; i < count; i += 1) {
    const targets = [`account:${i}`];
    await trail.record([{ action: 'account.changed', targets, after: { weight: i }, ...more }]);
  }
}

@Global()
@Module({})
class Surroundings {}

function surroundings({
  clock = { nowMs: () => Date.now() },
  logger = silentLogger,
}: AuditProcessOptions): DynamicModule {
  const providers = [
    { provide: Logger, useValue: logger },
    { provide: CLOCK, useValue: clock },
  ];
  return { module: Surroundings, providers, exports: providers.map(({ provide }) => provide) };
}
