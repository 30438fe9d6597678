import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule } from '#audit';
import type { GatewayConfig } from '#config';
import { ObservabilityModule } from '#observability';
import { PersistenceModule, type OpenDatabase } from '#persistence';
import { SecretsModule } from '#secrets';
import { ClockModule } from '../clock.module.js';

/** The audit log without the gateway around it; nothing is done by the clock. */
@Module({})
export class AuditCliModule {
  static forRoot(config: GatewayConfig, database: Pick<OpenDatabase, 'url' | 'ownerUrl'>): DynamicModule {
    return {
      module: AuditCliModule,
      imports: [
        ClockModule,
        ObservabilityModule.forRoot({ level: 'silent' }),
        PersistenceModule.forRoot({ url: database.url, poolSize: 2 }),
        SecretsModule.forPeppers({ dataDir: config.dataDir, keyPeppers: config.keys.keyPeppers }),
        AuditModule.forRoot({ dataDir: config.dataDir, ownerUrl: database.ownerUrl, ...config.audit }),
      ],
    };
  }
}
