import { Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BillingModule } from '#billing';
import { CLOCK, RANDOM, systemClock, type Secret } from '#kernel';
import { Logger, Metrics } from '#observability';
import { PersistenceModule } from '#persistence';
import { silentLogger } from '../../support/silent-logger.js';

const nothing = (): void => undefined;
const series = { increment: nothing, set: nothing, observe: nothing };
const noMetrics: Metrics = {
  counter: () => series,
  gauge: () => series,
  histogram: () => series,
  expose: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
};

@Module({})
class Surroundings {
  static forRoot(url: Secret): DynamicModule {
    const given = [
      { provide: Logger, useValue: silentLogger },
      { provide: Metrics, useValue: noMetrics },
      { provide: CLOCK, useValue: systemClock },
      { provide: RANDOM, useValue: Math.random },
    ];
    return {
      module: Surroundings,
      global: true,
      imports: [PersistenceModule.forRoot({ url, poolSize: 2 })],
      providers: given,
      exports: given.map(({ provide }) => provide),
    };
  }
}

/** Billing as in the gateway, and nothing else; `close` it. */
export function startBilling(url: Secret, dataDir: string): Promise<INestApplicationContext> {
  const module = {
    module: class {},
    imports: [Surroundings.forRoot(url), BillingModule.forRoot({ storage: 'postgres', dataDir })],
  };
  return NestFactory.createApplicationContext(module, { logger: false });
}
