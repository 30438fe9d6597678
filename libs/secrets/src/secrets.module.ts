import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Logger } from '#observability';
import { EncryptionKeys } from './encryption-keys.js';
import { EnvelopeSecretBox } from './envelope-secret-box.js';
import { KeyCanary, LOST_KEYS } from './key-canary.js';
import { KeyEncryptionKeys } from './key-encryption-keys.js';
import { KeyPeppers } from './key-peppers.js';
import { loadPeppers, type PepperOptions } from './load-peppers.js';
import { openKeyHolders, type KeyHolderOptions } from './open-key-holders.js';
import { KeyCanaryEntity } from './persistence/key-canary.entity.js';
import { KeyCanaryRepository } from './persistence/key-canary.repository.js';
import { RewrapJobEntity } from './persistence/rewrap-job.entity.js';
import { RewrapJobs } from './persistence/rewrap-jobs.js';
import { SealedRows } from './persistence/sealed-rows.js';
import { REWRAP_PACE, usualPace, type RewrapPace } from './rewrap/rewrap-pace.js';
import { Rewrapper } from './rewrap/rewrapper.js';
import { SealedTokens } from './sealed-tokens.js';
import { SecretBox } from './secret-box.js';

/** Where the keys come from. */
export interface SecretsOptions extends KeyHolderOptions, PepperOptions {
  /** Ids of key-encryption keys that are lost for good, so that nobody waits for what they sealed; default none. */
  readonly lostEncryptionKeys?: readonly string[] | null;
  /** Default: at most 2,000 rows a second. */
  readonly rewrapPace?: RewrapPace;
}

/** {@link SecretsOptions} made by a factory. */
export interface SecretsAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...args: never[]) => SecretsOptions | Promise<SecretsOptions>;
}

const OPTIONS = Symbol('SecretsOptions');

const keyEncryptionKeys: FactoryProvider<KeyEncryptionKeys> = {
  provide: KeyEncryptionKeys,
  inject: [OPTIONS, Logger],
  useFactory: openKeyHolders,
};

const keyPeppers: FactoryProvider<KeyPeppers> = {
  provide: KeyPeppers,
  inject: [OPTIONS, Logger],
  useFactory: loadPeppers,
};

const secretBox: FactoryProvider<SecretBox> = {
  provide: SecretBox,
  inject: [KeyEncryptionKeys],
  useFactory: (keys: KeyEncryptionKeys) => new EnvelopeSecretBox(keys),
};

const lostKeys: FactoryProvider<ReadonlySet<string>> = {
  provide: LOST_KEYS,
  inject: [OPTIONS],
  useFactory: ({ lostEncryptionKeys }: SecretsOptions) => new Set(lostEncryptionKeys ?? []),
};

const rewrapPace: FactoryProvider<RewrapPace> = {
  provide: REWRAP_PACE,
  inject: [OPTIONS],
  useFactory: ({ rewrapPace: pace = usualPace }: SecretsOptions) => pace,
};

/** Sealing for the database, and peppers. Global. Needs a {@link Logger} and a TypeORM data source. */
@Module({})
export class SecretsModule {
  static forRoot(options: SecretsOptions): DynamicModule {
    return SecretsModule.forRootAsync({ useFactory: () => options });
  }

  /** The peppers alone: whoever holds encryption keys is not asked, nor the database. */
  static forPeppers(options: PepperOptions): DynamicModule {
    return {
      module: SecretsModule,
      global: true,
      providers: [{ provide: OPTIONS, useValue: options }, keyPeppers],
      exports: [KeyPeppers],
    };
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: SecretsAsyncOptions): DynamicModule {
    return {
      module: SecretsModule,
      global: true,
      imports: [...imports, TypeOrmModule.forFeature([KeyCanaryEntity, RewrapJobEntity])],
      providers: [
        { provide: OPTIONS, inject, useFactory },
        keyEncryptionKeys,
        keyPeppers,
        SealedTokens,
        secretBox,
        lostKeys,
        rewrapPace,
        KeyCanaryRepository,
        KeyCanary,
        SealedRows,
        RewrapJobs,
        Rewrapper,
        EncryptionKeys,
      ],
      exports: [SecretBox, KeyPeppers, SealedTokens, KeyCanary, EncryptionKeys],
    };
  }
}
