import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import type { OnModuleDestroy } from '@nestjs/common';
import { CLOCK, systemClock } from '#kernel';
import type { Clock } from '#kernel';
import { UndiciUpstreamClient } from './client/undici-upstream-client.js';
import type { UpstreamOptions } from './client/upstream-options.js';
import type { ProviderAdapter } from './contract/provider-adapter.js';
import { UpstreamClient } from './contract/upstream-client.js';
import { ProviderRegistry } from './provider-registry.js';

/** How calls to providers are made, and which providers there are besides the built-in ones. */
export interface AiProviderOptions extends UpstreamOptions {
  /** Adapters of third parties; one with the kind of a built-in takes its place. Default: none. */
  readonly adapters?: readonly ProviderAdapter[];
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AiProviderOptions>()
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/** Offers {@link ProviderRegistry} and {@link UpstreamClient}; closes all connections when the application ends. */
@Module({
  providers: [
    {
      provide: ProviderRegistry,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (options: AiProviderOptions) => new ProviderRegistry(options.adapters),
    },
    {
      provide: UpstreamClient,
      inject: [MODULE_OPTIONS_TOKEN, { token: CLOCK, optional: true }],
      useFactory: (options: AiProviderOptions, clock: Clock = systemClock) =>
        new UndiciUpstreamClient(options, clock),
    },
  ],
  exports: [ProviderRegistry, UpstreamClient],
})
export class AiProviderModule extends ConfigurableModuleClass implements OnModuleDestroy {
  constructor(private readonly client: UpstreamClient) {
    super();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.client instanceof UndiciUpstreamClient) await this.client.close();
  }
}
