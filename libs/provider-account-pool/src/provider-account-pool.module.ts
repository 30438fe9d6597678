import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CLOCK, type Clock } from '#kernel';
import { Logger, Metrics } from '#observability';
import { AccountControl } from './admin/account-control.js';
import { AccountModels } from './admin/account-models.js';
import { AccountSearch } from './admin/account-search.js';
import { AccountsService } from './admin/accounts.service.js';
import { FailureRulesService } from './admin/failure-rules.service.js';
import { ProvidersService } from './admin/providers.service.js';
import { QuotaGroupsService } from './admin/quota-groups.service.js';
import { CatalogueJobs } from './catalogue/catalogue-jobs.js';
import { CatalogueReader } from './catalogue/catalogue-reader.js';
import { ModelCatalogue } from './catalogue/model-catalogue.js';
import { ModelListStore, NoModelListStore } from './catalogue/model-list-store.js';
import { Strategies } from './domain/strategies.js';
import { CredentialFingerprints } from './fingerprints/credential-fingerprints.js';
import { FingerprintFiller } from './fingerprints/fingerprint-filler.js';
import { AccountProber } from './health/account-prober.js';
import { HealthJobs } from './health/health-jobs.js';
import { HealthJournal } from './health/health-journal.js';
import { HealthMonitor } from './health/health-monitor.js';
import { HealthStore, NoHealthStore } from './health/health-store.js';
import { PoolEvents } from './health/pool-events.js';
import { PoolMetrics } from './health/pool-metrics.js';
import { PromptTokens } from './health/prompt-tokens.js';
import { AccountCredentialEntity } from './persistence/account-credential.entity.js';
import { AccountEventEntity } from './persistence/account-event.entity.js';
import { AccountMachineStateEntity } from './persistence/account-machine-state.entity.js';
import { AccountModelListEntity } from './persistence/account-model-list.entity.js';
import { AccountRepository } from './persistence/account-repository.js';
import { AccountEntity } from './persistence/account.entity.js';
import { CredentialRows } from './persistence/credential-rows.js';
import { FailureRuleRepository } from './persistence/failure-rule-repository.js';
import { FailureRuleEntity } from './persistence/failure-rule.entity.js';
import { PostgresHealthStore } from './persistence/postgres-health-store.js';
import { PostgresModelListStore } from './persistence/postgres-model-list-store.js';
import { PostgresPoolConfig } from './persistence/postgres-pool-config.js';
import { ProviderRepository } from './persistence/provider-repository.js';
import { ProviderEntity } from './persistence/provider.entity.js';
import { QuotaGroupRepository } from './persistence/quota-group-repository.js';
import { QuotaGroupEntity } from './persistence/quota-group.entity.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from './provider-account-pool.options.js';
import { AccountAllowances } from './scheduling/account-allowances.js';
import { AccountScheduler } from './scheduling/account-scheduler.js';
import { InProcessPoolStateStore } from './scheduling/in-process-pool-state-store.js';
import { ObjectAccounts } from './scheduling/object-accounts.js';
import { PoolForecaster } from './scheduling/pool-forecaster.js';
import { PoolStateStore } from './scheduling/pool-state-store.js';
import { WaitingRooms } from './scheduling/waiting-rooms.js';
import { SpendRestorer } from './scheduling/spend-restorer.js';
import { PoolSharing } from './sharing/pool-sharing.js';
import { RedisSharingBus } from './sharing/redis-sharing-bus.js';
import { NoPoolConfig, PoolConfig } from './snapshot/pool-config.js';
import { PoolConfigRefresher } from './snapshot/pool-config-refresher.js';
import { PoolDirectory } from './snapshot/pool-directory.js';
import { ProviderKinds } from './snapshot/provider-kinds.js';
import { ManagedCreditPool } from './static-pool/managed-credit-pool.js';

/** What decides how the module is built; the rest may come later. */
export interface ProviderAccountPoolSetup {
  /** `none`: only the accounts of the environment, no TypeORM, no admin services. */
  readonly storage: 'postgres' | 'none';
}

/** Options that depend on something injected. */
export interface ProviderAccountPoolAsyncOptions extends ProviderAccountPoolSetup {
  readonly inject?: InjectionToken[];
  readonly useFactory: (
    ...injected: never[]
  ) => ProviderAccountPoolOptions | Promise<ProviderAccountPoolOptions>;
}

const strategies: FactoryProvider<Strategies> = {
  provide: Strategies,
  inject: [POOL_OPTIONS],
  useFactory: ({ strategies: own }: ProviderAccountPoolOptions) => new Strategies(own),
};

const sharing: FactoryProvider<PoolSharing> = {
  provide: PoolSharing,
  inject: [POOL_OPTIONS, PoolStateStore, CLOCK, Logger, Metrics],
  useFactory: (
    { redisUrl = null }: ProviderAccountPoolOptions,
    states: PoolStateStore,
    clock: Clock,
    logger: Logger,
    metrics: Metrics,
  ) => {
    const bus = redisUrl === null ? null : new RedisSharingBus(redisUrl);
    return new PoolSharing({ states, clock, logger, metrics, bus });
  },
};

const core = [
  strategies,
  ProviderKinds,
  PoolDirectory,
  PoolConfigRefresher,
  { provide: PoolStateStore, useClass: InProcessPoolStateStore },
  sharing,
  WaitingRooms,
  AccountScheduler,
  AccountAllowances,
  SpendRestorer,
  ModelCatalogue,
  CatalogueReader,
  CatalogueJobs,
  ObjectAccounts,
  PoolForecaster,
  HealthJournal,
  HealthMonitor,
  HealthJobs,
  AccountProber,
  PoolEvents,
  PoolMetrics,
  PromptTokens,
  ManagedCreditPool,
];
const offered = [
  AccountScheduler,
  AccountAllowances,
  ModelCatalogue,
  ObjectAccounts,
  PoolForecaster,
  HealthMonitor,
  PoolEvents,
  ManagedCreditPool,
];

const withoutDatabase: Provider[] = [
  { provide: PoolConfig, useClass: NoPoolConfig },
  { provide: HealthStore, useClass: NoHealthStore },
  { provide: ModelListStore, useClass: NoModelListStore },
];

const entities = [
  ProviderEntity,
  QuotaGroupEntity,
  FailureRuleEntity,
  AccountEntity,
  AccountCredentialEntity,
  AccountMachineStateEntity,
  AccountEventEntity,
  AccountModelListEntity,
];
const administration = [
  ProvidersService,
  QuotaGroupsService,
  FailureRulesService,
  AccountsService,
  AccountControl,
  AccountModels,
  AccountSearch,
];
const withPostgres: Provider[] = [
  { provide: PoolConfig, useClass: PostgresPoolConfig },
  { provide: HealthStore, useClass: PostgresHealthStore },
  { provide: ModelListStore, useClass: PostgresModelListStore },
  AccountRepository,
  CredentialRows,
  CredentialFingerprints,
  FingerprintFiller,
  ProviderRepository,
  QuotaGroupRepository,
  FailureRuleRepository,
  ...administration,
];

/**
 * The provider account pool, global. The host gives, from global modules: `CLOCK` and `RANDOM` of `#kernel`; `Logger` and
 * `Metrics`; `ProviderRegistry` and `UpstreamClient`; `ScheduleModule.forRoot()`; a `SpendLedger` if budgets are to outlive restarts; and with storage `postgres` its
 * TypeORM `DataSource` with this product's migrations run and a naming strategy of snake case, a `ChangeFeed`, a `SecretBox`, `KeyPeppers` and an `AuditTrail`.
 */
@Module({})
export class ProviderAccountPoolModule {
  static forRoot({
    storage,
    ...options
  }: ProviderAccountPoolSetup & ProviderAccountPoolOptions): DynamicModule {
    return build(storage, { provide: POOL_OPTIONS, useValue: options });
  }

  static forRootAsync({ storage, inject = [], useFactory }: ProviderAccountPoolAsyncOptions): DynamicModule {
    return build(storage, { provide: POOL_OPTIONS, inject, useFactory });
  }
}

function build(storage: ProviderAccountPoolSetup['storage'], options: Provider): DynamicModule {
  const module = { module: ProviderAccountPoolModule, global: true };
  if (storage === 'none') {
    return { ...module, providers: [options, ...core, ...withoutDatabase], exports: offered };
  }
  return {
    ...module,
    imports: [TypeOrmModule.forFeature(entities)],
    providers: [options, ...core, ...withPostgres],
    exports: [...offered, ...administration],
  };
}
