import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AiProviderModule } from '#ai-provider';
import { AiRoutingModule } from '#ai-routing';
import { UsageRecorder } from '#billing';
import { ConfigModule, type GatewayConfig } from '#config';
import { ObservabilityModule } from '#observability';
import { ProviderAccountPoolModule } from '#provider-account-pool';
import { ClockModule } from '../clock.module.js';
import { CollectedUsage } from './collected-usage.js';

const usage: DynamicModule = {
  module: class UsageInMemory {},
  global: true,
  providers: [{ provide: UsageRecorder, useClass: CollectedUsage }],
  exports: [UsageRecorder],
};

/** The static pool alone: no database, no HTTP. */
@Module({})
export class DiagPoolModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    const { staticPool, upstream, logging } = config;
    return {
      module: DiagPoolModule,
      imports: [
        ConfigModule.forRoot(config),
        ClockModule,
        ObservabilityModule.forRoot({ level: logging.level }),
        ScheduleModule.forRoot(),
        AiProviderModule.forRoot(upstream),
        ProviderAccountPoolModule.forRoot({ storage: 'none', staticPool, baseUrls: upstream.baseUrls }),
        AiRoutingModule.forRoot({ storage: 'none' }),
        usage,
      ],
    };
  }
}
