import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CLOCK, type Clock, type Secret } from '#kernel';
import { Logger, Metrics } from '#observability';
import { KeyPeppers } from '#secrets';
import { AddressPolicy } from './addresses/address-policy.js';
import { AddressRule } from './addresses/address-rule.js';
import { ApiKeySnapshot } from './api-key-snapshot.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyVerifier } from './caller.js';
import { KeyIssuer } from './key-issuer.js';
import { LastUseWriter } from './last-use-writer.js';
import { LastUses } from './last-uses.js';
import { ApiKeyEntity, ApiKeySecretEntity } from './persistence/api-key.entity.js';
import { ApiKeyRepository } from './persistence/api-key.repository.js';
import { RotationEntity } from './persistence/rotation.entity.js';
import { RotationRepository } from './persistence/rotation.repository.js';
import { RotationPolicyEntity, RotationTargetEntity } from './persistence/rotation-policy.entity.js';
import { RotationPolicyRepository } from './persistence/rotation-policy.repository.js';
import { RotationRunRepository } from './persistence/rotation-run.repository.js';
import { RotationTargetRepository } from './persistence/rotation-target.repository.js';
import { RotationClaims } from './rotation/rotation-claims.js';
import { RotationRunner } from './rotation/rotation-runner.js';
import { RunStarter } from './rotation/run-starter.js';
import { WebhookCourier } from './rotation/webhook-courier.js';
import { RotationPolicies } from './rotation/rotation-policies.js';
import { RotationService } from './rotation/rotation-service.js';
import { KeyMeters } from './limits/key-meters.js';
import { LimitStore } from './limits/limit-store.js';
import { limitStoreAt } from './limits/limit-store.provider.js';
import { SpendReader } from './limits/spend-reader.js';
import { RootSecret } from './root-secret.js';
import { SnapshotApiKeyVerifier } from './snapshot-api-key-verifier.js';
import { SnapshotRefresher } from './snapshot-refresher.js';

const entities = [
  ApiKeyEntity,
  ApiKeySecretEntity,
  RotationEntity,
  RotationPolicyEntity,
  RotationTargetEntity,
];

/** How the module is set up. */
export interface ApiKeysOptions {
  /** The root admin secret, 32 characters or more; `null`: there is none, see {@link ApiKeysService.bootstrapAdminKey}. */
  readonly adminApiKey: Secret | null;
  /** From where the gateway may be used at all, addresses and CIDRs; empty: from everywhere. */
  readonly ipAllowlist: readonly string[];
  /** Where replicas count the limits of keys together; `null`: each process for itself. */
  readonly redisUrl: Secret | null;
}

const verifierWith = ({ adminApiKey }: ApiKeysOptions): FactoryProvider<ApiKeyVerifier> => ({
  provide: ApiKeyVerifier,
  inject: [ApiKeySnapshot, KeyPeppers, LastUses, CLOCK],
  useFactory: (snapshot: ApiKeySnapshot, peppers: KeyPeppers, lastUses: LastUses, clock: Clock) =>
    new SnapshotApiKeyVerifier(snapshot, peppers, new RootSecret(adminApiKey), lastUses, clock),
});

const policyWith = ({ ipAllowlist }: ApiKeysOptions): FactoryProvider<AddressPolicy> => ({
  provide: AddressPolicy,
  inject: [Logger, Metrics, CLOCK],
  useFactory: (logger: Logger, metrics: Metrics, clock: Clock) =>
    new AddressPolicy({ everybody: AddressRule.of(ipAllowlist), logger, metrics, clock }),
});

const meters: FactoryProvider<KeyMeters> = {
  provide: KeyMeters,
  inject: [LimitStore, Metrics, CLOCK],
  useFactory: (store: LimitStore, metrics: Metrics, clock: Clock) => {
    const refusals = metrics.counter({
      name: 'pool_key_refusals_total',
      help: 'Calls refused by a limit or the budget of their API key',
      labels: ['limit'],
    });
    return new KeyMeters({ store, clock, refusals });
  },
};

/**
 * System API keys. Needs the global modules of `#observability`, `#persistence` and `#secrets`, a {@link CLOCK} and
 * a {@link WebhookSender}.
 */
@Module({})
export class ApiKeysModule {
  static forRoot(options: ApiKeysOptions): DynamicModule {
    return {
      module: ApiKeysModule,
      imports: [TypeOrmModule.forFeature(entities)],
      providers: [
        verifierWith(options),
        policyWith(options),
        limitStoreAt(options.redisUrl),
        meters,
        SpendReader,
        ApiKeySnapshot,
        LastUses,
        ApiKeyRepository,
        KeyIssuer,
        ApiKeysService,
        RotationRepository,
        RotationService,
        RotationPolicyRepository,
        RotationPolicies,
        RotationTargetRepository,
        RotationRunRepository,
        RunStarter,
        WebhookCourier,
        RotationRunner,
        RotationClaims,
        SnapshotRefresher,
        LastUseWriter,
      ],
      exports: [
        LimitStore,
        ApiKeysService,
        RotationService,
        RotationPolicies,
        RotationClaims,
        ApiKeyVerifier,
        AddressPolicy,
        ApiKeySnapshot,
      ],
    };
  }
}
