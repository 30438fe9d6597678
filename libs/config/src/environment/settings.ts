import type { Reader } from './reading.js';
import {
  addresses,
  anyText,
  baseUrl,
  choice,
  flag,
  gcpKey,
  integer,
  kmsKey,
  minutes,
  pathWord,
  postgresUrl,
  providerKey,
  proxies,
  redisUrl,
  secret,
  word,
} from './reading.js';
import { keyIds, namedKeys } from './named-keys.js';

/** One variable of the environment. */
export interface Setting<Value> {
  readonly read: Reader<Value>;
  /** The text that stands for an unset variable; `null`: unset means something of its own. */
  readonly default: string | null;
  /** What it decides, its unit and range, and what unset means where that is no text. */
  readonly description: string;
}

const setting = <Value>(read: Reader<Value>, text: string | null, description: string): Setting<Value> => ({
  read,
  default: text,
  description,
});

const hourMs = 3_600_000;
const waitMs = integer(1, hourMs);
const waitOrOffMs = integer(0, hourMs);

/** Every variable with a fixed name. Besides there are `<PROVIDER>_API_KEY` and `<PROVIDER>_BASE_URL`. */
export const settings = {
  PORT: setting(integer(0, 65_535), '3000', 'Port to listen on; 0 takes any free one.'),
  HOST: setting(word, '0.0.0.0', 'Address to listen on.'),
  MAX_BODY_BYTES: setting(
    integer(1_024, 1_073_741_824),
    '20971520',
    'Largest request body, in bytes, 1 KiB to 1 GiB.',
  ),
  MAX_UPLOAD_BYTES: setting(
    integer(1_024, 1_099_511_627_776),
    '536870912',
    'Largest form with a file, which is passed on while it arrives, in bytes, 1 KiB to 1 TiB.',
  ),
  SHUTDOWN_TIMEOUT_MS: setting(
    integer(0, hourMs),
    '30000',
    'How long open calls may take to finish on SIGTERM, in ms, up to 1 h.',
  ),
  CLIENT_STALL_TIMEOUT_MS: setting(
    waitMs,
    '60000',
    'How long a client may take nothing of an answer that is ready before it is cut off, in ms, up to 1 h.',
  ),
  EXPOSE_ACCOUNT_ID: setting(flag, 'true', 'Whether answers carry `x-pool-account`.'),
  TRUSTED_PROXIES: setting(
    proxies,
    null,
    'Proxies whose `X-Forwarded-For` is believed: addresses and CIDRs, or a count of hops. Unset: none.',
  ),
  GLOBAL_IP_ALLOWLIST: setting(
    addresses,
    null,
    'Addresses and CIDRs from which anything but `/healthz` and `/readyz` may be reached. Unset: all.',
  ),
  DATA_DIR: setting(
    anyText,
    '.data',
    'Directory of this process: embedded database, generated keys, usage journal. Not to be shared.',
  ),
  DATABASE_URL: setting(
    postgresUrl,
    null,
    'Postgres 15 or newer, `postgres://…`. Unset: an embedded Postgres in `DATA_DIR`.',
  ),
  DATABASE_MIGRATION_URL: setting(
    postgresUrl,
    null,
    'The role that owns the tables, where `DATABASE_URL` is a role that may only use them. Unset: there is one role.',
  ),
  AUDIT_RETENTION_MONTHS: setting(
    integer(1, 1_200),
    null,
    'Whole months of the audit log that are kept; older ones are exported, sealed and dropped. Unset: all are kept.',
  ),
  REDIS_URL: setting(
    redisUrl,
    null,
    'Redis in which replicas share limits, of system keys and of provider accounts. Unset: each process for itself.',
  ),
  ADMIN_API_KEY: setting(
    secret(32),
    null,
    'Root admin key, 32 characters or more. Unset: generated at the first start and printed once.',
  ),
  ENCRYPTION_KEYS: setting(
    namedKeys,
    null,
    '`<id>:<base64 of 32 bytes>[,<older>...]`, the first is primary. Unset: generated in `DATA_DIR`.',
  ),
  KEY_ENCRYPTION: setting(
    choice('local', 'vault', 'aws', 'gcp'),
    'local',
    'Who holds the primary encryption key: `local`, `vault`, `aws`, `gcp`. Others that are set read what they sealed.',
  ),
  VAULT_TRANSIT_KEY: setting(
    pathWord,
    null,
    "Name of a key of Vault's Transit engine. Unset: Vault is not used, whatever the other `VAULT_` variables say.",
  ),
  VAULT_TRANSIT_MOUNT: setting(pathWord, 'transit', 'Where the Transit engine is mounted.'),
  VAULT_ADDR: setting(baseUrl, null, 'Where Vault is, `https://…`.'),
  VAULT_NAMESPACE: setting(word, null, 'Namespace of Vault Enterprise. Unset: none.'),
  VAULT_TOKEN: setting(providerKey, null, 'Token for Vault. Unset: `VAULT_ROLE_ID` and `VAULT_SECRET_ID`.'),
  VAULT_ROLE_ID: setting(word, null, 'AppRole for Vault.'),
  VAULT_SECRET_ID: setting(providerKey, null, 'Secret of the AppRole.'),
  AWS_KMS_KEY: setting(
    kmsKey,
    null,
    'Id, ARN or alias of a symmetric key of AWS KMS. Unset: AWS KMS is not used, nor other `AWS_` variables.',
  ),
  AWS_KMS_ENDPOINT: setting(baseUrl, null, 'Where AWS KMS is. Unset: `https://kms.<region>.amazonaws.com`.'),
  AWS_REGION: setting(pathWord, null, 'Region of AWS KMS. Unset: that of the ARN in `AWS_KMS_KEY`.'),
  AWS_ACCESS_KEY_ID: setting(word, null, 'Access key for AWS KMS.'),
  AWS_SECRET_ACCESS_KEY: setting(providerKey, null, 'Secret of the access key.'),
  AWS_SESSION_TOKEN: setting(providerKey, null, 'Token of a temporary access key. Unset: none.'),
  GCP_KMS_KEY: setting(
    gcpKey,
    null,
    '`projects/…/locations/…/keyRings/…/cryptoKeys/…`, a symmetric key. Unset: Google Cloud KMS is not used.',
  ),
  GCP_KMS_ENDPOINT: setting(
    baseUrl,
    null,
    'Where Google Cloud KMS is. Unset: `https://cloudkms.googleapis.com`.',
  ),
  GOOGLE_APPLICATION_CREDENTIALS: setting(
    anyText,
    null,
    'File with the key of a service account for Google Cloud KMS. Unset: the metadata server gives tokens.',
  ),
  GCE_METADATA_HOST: setting(
    word,
    null,
    'Where the metadata server is, `host[:port]`. Unset: `metadata.google.internal`.',
  ),
  LOST_ENCRYPTION_KEYS: setting(
    keyIds,
    null,
    'Ids of encryption keys that are lost for good, though secrets are sealed with them. Without, the start is refused.',
  ),
  KEY_PEPPERS: setting(
    namedKeys,
    null,
    'As `ENCRYPTION_KEYS`, for the hashes of system API keys and provider keys.',
  ),
  SIDE_POOL_KEYS: setting(
    anyText,
    null,
    'Keys of the static pool: `key1,key2` or `groq:gsk_a,openai:sk-b`. Unset: none.',
  ),
  SIDE_POOL_PROVIDER: setting(
    word,
    'groq',
    'Provider kind of the keys in `SIDE_POOL_KEYS` that have no prefix.',
  ),
  COOL_DOWN_MINUTES: setting(
    minutes(1_440),
    '5',
    'How long a 429 without a hint benches a static key, in minutes, above 0, up to a day.',
  ),
  PRIVATE_UPSTREAMS: setting(
    choice('allow', 'deny'),
    'allow',
    'Whether providers may have private addresses. Link-local and metadata addresses never may.',
  ),
  UPSTREAM_CONNECT_TIMEOUT_MS: setting(waitMs, '10000', 'Longest wait for a connection, in ms, up to 1 h.'),
  UPSTREAM_FIRST_BYTE_TIMEOUT_MS: setting(
    waitMs,
    '60000',
    'Longest wait for the first byte of an answer, in ms, up to 1 h.',
  ),
  UPSTREAM_FIRST_OUTPUT_TIMEOUT_MS: setting(
    waitOrOffMs,
    '120000',
    'Longest wait for the first output of a stream, whatever signs of life come before it, in ms, up to 1 h; 0: no bound.',
  ),
  UPSTREAM_STREAM_FLOOR_TOKENS_PER_SECOND: setting(
    integer(0, 1_000),
    '0',
    'A stream that begins more slowly than this, in tokens per second up to 1000, moves on while another account is free; 0: none does.',
  ),
  UPSTREAM_STREAM_WINDOW_MS: setting(
    integer(1, 60_000),
    '2000',
    'How long such a stream is looked at, from its first output, in ms, up to 1 min.',
  ),
  UPSTREAM_IDLE_TIMEOUT_MS: setting(waitMs, '60000', 'Longest silence inside an answer, in ms, up to 1 h.'),
  MODEL_REFRESH_HOURS: setting(
    integer(0, 720),
    '6',
    'Hours between two readings of the models that an account can serve, up to 720; 0: only by hand.',
  ),
  CALL_DEADLINE_MS: setting(
    waitMs,
    '600000',
    'Everything a call may take, fail-over included, in ms, up to 1 h.',
  ),
  LOG_LEVEL: setting(
    choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'Least severe level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`.',
  ),
} satisfies Record<string, Setting<unknown>>;

/** Name of a variable with a fixed name. */
export type SettingName = keyof typeof settings;

/** What a variable holds once read. */
export type SettingValue<Name extends SettingName> =
  (typeof settings)[Name] extends Setting<infer Value> ? Value : never;
