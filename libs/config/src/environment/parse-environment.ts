import { resolve } from 'node:path';
import { ConfigurationError } from '../config.errors.js';
import type { GatewayConfig } from '../gateway-config.js';
import type { Environment } from './fault-list.js';
import { FaultList } from './fault-list.js';
import { readBaseUrls, readSingleKeys, readStaticKeys } from './provider-variables.js';
import { readAwsKms } from './read-aws-kms.js';
import { readGcpKms } from './read-gcp-kms.js';
import { readVault } from './read-vault.js';
import { unknownNames } from './unknown-names.js';

/** What the environment is read against. */
export interface ParseOptions {
  /** Known provider kinds, lower case: decide which `<PROVIDER>_API_KEY` and `<PROVIDER>_BASE_URL` are ours. */
  readonly providerKinds: readonly string[];
  /** Absolute; `DATA_DIR` is relative to it. */
  readonly cwd: string;
}

/**
 * Reads the whole environment once. Empty variables count as unset, white space around a value is dropped.
 *
 * @param environment usually `process.env`; names of other programs are left alone
 * @throws ConfigurationError listing every fault: wrong values, misspelt names of ours
 */
export function parseEnvironment(environment: Environment, options: ParseOptions): GatewayConfig {
  const list = new FaultList(environment);
  const config = readConfig(list, options);
  const faults = [...list.faults, ...unknownNames(Object.keys(environment))];
  if (faults.length > 0) throw new ConfigurationError(faults);
  return config;
}

function readConfig(list: FaultList, { providerKinds, cwd }: ParseOptions): GatewayConfig {
  return {
    server: readServer(list),
    dataDir: resolve(cwd, list.value('DATA_DIR')),
    database: readDatabase(list),
    audit: { retentionMonths: list.optional('AUDIT_RETENTION_MONTHS') },
    redis: { url: list.optional('REDIS_URL') },
    keys: {
      adminApiKey: list.optional('ADMIN_API_KEY'),
      encryptionKeys: list.optional('ENCRYPTION_KEYS'),
      keyEncryption: list.value('KEY_ENCRYPTION'),
      vault: readVault(list),
      awsKms: readAwsKms(list),
      gcpKms: readGcpKms(list),
      lostEncryptionKeys: list.optional('LOST_ENCRYPTION_KEYS') ?? [],
      keyPeppers: list.optional('KEY_PEPPERS'),
    },
    staticPool: {
      keys: readStaticKeys(list, providerKinds),
      singleKeys: readSingleKeys(list, providerKinds),
      coolDownMs: list.value('COOL_DOWN_MINUTES'),
    },
    upstream: { ...readUpstream(list), baseUrls: readBaseUrls(list, providerKinds) },
    logging: { level: list.value('LOG_LEVEL') },
  };
}

function readServer(list: FaultList): GatewayConfig['server'] {
  return {
    host: list.value('HOST'),
    port: list.value('PORT'),
    maxBodyBytes: list.value('MAX_BODY_BYTES'),
    maxUploadBytes: list.value('MAX_UPLOAD_BYTES'),
    shutdownTimeoutMs: list.value('SHUTDOWN_TIMEOUT_MS'),
    clientStallTimeoutMs: list.value('CLIENT_STALL_TIMEOUT_MS'),
    exposeAccountId: list.value('EXPOSE_ACCOUNT_ID'),
    trustedProxies: list.optional('TRUSTED_PROXIES') ?? [],
    ipAllowlist: list.optional('GLOBAL_IP_ALLOWLIST') ?? [],
  };
}

function readDatabase(list: FaultList): GatewayConfig['database'] {
  const url = list.optional('DATABASE_URL');
  const migrationUrl = list.optional('DATABASE_MIGRATION_URL');
  if (migrationUrl !== null && list.text('DATABASE_URL') === null) {
    list.keep('DATABASE_MIGRATION_URL', { fault: 'is of no use without DATABASE_URL' });
  }
  return { url, migrationUrl };
}

function readUpstream(list: FaultList): Omit<GatewayConfig['upstream'], 'baseUrls'> {
  return {
    privateUpstreams: list.value('PRIVATE_UPSTREAMS'),
    connectTimeoutMs: list.value('UPSTREAM_CONNECT_TIMEOUT_MS'),
    firstByteTimeoutMs: list.value('UPSTREAM_FIRST_BYTE_TIMEOUT_MS'),
    firstOutputTimeoutMs: list.value('UPSTREAM_FIRST_OUTPUT_TIMEOUT_MS'),
    streamFloorTokensPerSecond: list.value('UPSTREAM_STREAM_FLOOR_TOKENS_PER_SECOND'),
    streamWindowMs: list.value('UPSTREAM_STREAM_WINDOW_MS'),
    idleTimeoutMs: list.value('UPSTREAM_IDLE_TIMEOUT_MS'),
    modelRefreshHours: list.value('MODEL_REFRESH_HOURS'),
    callDeadlineMs: list.value('CALL_DEADLINE_MS'),
  };
}
