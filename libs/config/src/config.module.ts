import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import type { GatewayConfig } from './gateway-config.js';
import { GATEWAY_CONFIG } from './gateway-config.js';

/** Provides the parsed {@link GatewayConfig} everywhere, under {@link GATEWAY_CONFIG}. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: GatewayConfig): DynamicModule {
    const provider = { provide: GATEWAY_CONFIG, useValue: config };
    return { module: ConfigModule, providers: [provider], exports: [provider] };
  }
}
