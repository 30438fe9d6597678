import type { DynamicModule } from '@nestjs/common';
import { Global, Module } from '@nestjs/common';
import type { LoggerOptions } from './adapters/pino-logger.js';
import { createLogger } from './adapters/pino-logger.js';
import { PrometheusMetrics } from './adapters/prometheus-metrics.js';
import { Logger } from './logger.js';
import { Metrics } from './metrics.js';

/** Provides {@link Logger} and {@link Metrics} everywhere. */
@Global()
@Module({})
export class ObservabilityModule {
  static forRoot(options: LoggerOptions): DynamicModule {
    return {
      module: ObservabilityModule,
      providers: [
        { provide: Logger, useFactory: () => createLogger(options) },
        { provide: Metrics, useFactory: () => new PrometheusMetrics() },
      ],
      exports: [Logger, Metrics],
    };
  }
}
