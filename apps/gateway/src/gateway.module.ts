import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { ThrottlerModule } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AiProviderModule } from '#ai-provider';
import { AiRoutingModule } from '#ai-routing';
import { ApiKeysModule } from '#api-keys';
import { AuditModule } from '#audit';
import { BillingModule } from '#billing';
import { ConfigModule, type GatewayConfig } from '#config';
import { ObservabilityModule } from '#observability';
import { PersistenceModule, type OpenDatabase } from '#persistence';
import { ProviderAccountPoolModule } from '#provider-account-pool';
import { SecretsModule } from '#secrets';
import { ClockModule } from './clock.module.js';
import { WebhookSenderModule } from './guarded-webhook-sender.js';
import { SpendLedgerModule } from './usage-spend-ledger.js';
import { IdempotentAnswerEntity } from './http/admin/idempotency/idempotent-answer.entity.js';
import { httpControllers, httpProviders } from './http/http-parts.js';

/** Admin calls of one client per minute: far above what people and scripts need, far below what hurts. */
const adminCallsPerMinute = 600;

/** The composition root: the only place where ports meet their adapters. */
@Module({})
export class GatewayModule {
  /** @param database the database to use, migrated already */
  static forRoot(config: GatewayConfig, database: Pick<OpenDatabase, 'url' | 'ownerUrl'>): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        ConfigModule.forRoot(config),
        ClockModule,
        ObservabilityModule.forRoot({ level: config.logging.level }),
        PersistenceModule.forRoot({ url: database.url }),
        ScheduleModule.forRoot(),
        ThrottlerModule.forRoot([{ ttl: 60_000, limit: adminCallsPerMinute }]),
        SecretsModule.forRoot({ dataDir: config.dataDir, ...config.keys }),
        TypeOrmModule.forFeature([IdempotentAnswerEntity]),
        AuditModule.forRoot({ dataDir: config.dataDir, ownerUrl: database.ownerUrl, ...config.audit }),
        ApiKeysModule.forRoot({
          adminApiKey: config.keys.adminApiKey,
          ipAllowlist: config.server.ipAllowlist,
          redisUrl: config.redis.url,
        }),
        AiProviderModule.forRoot(config.upstream),
        BillingModule.forRoot({ storage: 'postgres', dataDir: config.dataDir }),
        SpendLedgerModule,
        WebhookSenderModule,
        ProviderAccountPoolModule.forRoot({
          storage: 'postgres',
          staticPool: config.staticPool,
          baseUrls: config.upstream.baseUrls,
          privateUpstreams: config.upstream.privateUpstreams,
          modelRefreshHours: config.upstream.modelRefreshHours,
          redisUrl: config.redis.url,
        }),
        AiRoutingModule.forRoot({ storage: 'postgres' }),
      ],
      controllers: [...httpControllers],
      providers: [...httpProviders],
    };
  }
}
