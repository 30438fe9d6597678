import { randomBytes } from 'node:crypto';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { ApiKeysModule, scopes, WebhookSender, type KeyChanger } from '#api-keys';
import { AuditModule } from '#audit';
import type { NamedKey } from '#config';
import { CLOCK, RANDOM, Secret, type Clock } from '#kernel';
import { Logger, Metrics, PrometheusMetrics } from '#observability';
import { PersistenceModule } from '#persistence';
import { SecretsModule } from '#secrets';
import { silentLogger } from '../../support/silent-logger.js';

/** The root admin secret: it may give all there is. */
export const root: KeyChanger = {
  apiKeyId: null,
  scopes,
  models: { allow: [], deny: [] },
  providers: { allow: [], deny: [] },
  address: null,
};

/** What one process of the gateway is given; peppers and keys are the same in all unless said otherwise. */
export interface ProcessOptions {
  readonly url: Secret;
  readonly adminApiKey?: Secret | null;
  readonly keyPeppers?: readonly NamedKey[];
  readonly encryptionKeys?: readonly NamedKey[];
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Default: one that reaches nobody. */
  readonly webhooks?: WebhookSender;
}

/** A fresh key of that id. */
export const namedKey = (id: string): NamedKey => ({
  id,
  material: new Secret(randomBytes(32).toString('base64')),
});

const sharedPeppers = [namedKey('pepper')];
/** The encryption key of processes that are given no other. */
export const sharedEncryptionKey = namedKey('key');
const sharedKeys = [sharedEncryptionKey];

/** Starts what a process of the gateway needs for system keys, on a database of a test. */
export async function startProcess(options: ProcessOptions): Promise<TestingModule> {
  const { url, adminApiKey = null, keyPeppers = sharedPeppers, encryptionKeys = sharedKeys } = options;
  const module = await Test.createTestingModule({
    imports: [
      surroundings(options),
      PersistenceModule.forRoot({ url, poolSize: 4 }),
      SecretsModule.forRoot({ dataDir: '/nonexistent', encryptionKeys, keyPeppers }),
      AuditModule.forRoot({ dataDir: '/nonexistent', ownerUrl: url, retentionMonths: null }),
      ApiKeysModule.forRoot({ adminApiKey, ipAllowlist: [], redisUrl: null }),
    ],
  }).compile();
  return module.init();
}

@Global()
@Module({})
class Surroundings {}

function surroundings({
  clock = { nowMs: () => Date.now() },
  logger = silentLogger,
  webhooks = { faultOf: () => null, post: async () => ({ fault: 'nobody' }) },
}: ProcessOptions): DynamicModule {
  return {
    module: Surroundings,
    providers: [
      { provide: Logger, useValue: logger },
      { provide: Metrics, useClass: PrometheusMetrics },
      { provide: CLOCK, useValue: clock },
      { provide: RANDOM, useValue: () => 0.5 },
      { provide: WebhookSender, useValue: webhooks },
    ],
    exports: [Logger, Metrics, CLOCK, RANDOM, WebhookSender],
  };
}
