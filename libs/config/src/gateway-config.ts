import type { Secret } from '#kernel';

/** A named 256-bit key, as in `ENCRYPTION_KEYS=<id>:<base64 of 32 bytes>[,<older>...]`. */
export interface NamedKey {
  readonly id: string;
  /** 32 bytes, base64. */
  readonly material: Secret;
}

/** A key of Vault's Transit engine, and the way to it. */
export interface VaultSettings {
  /** `VAULT_ADDR`, no slash at the end. */
  readonly address: string;
  /** `VAULT_NAMESPACE`; `null`: none. */
  readonly namespace: string | null;
  /** `VAULT_TOKEN`, or `VAULT_ROLE_ID` and `VAULT_SECRET_ID`. */
  readonly login:
    | { readonly kind: 'token'; readonly token: Secret }
    | { readonly kind: 'approle'; readonly roleId: string; readonly secretId: Secret };
  /** `VAULT_TRANSIT_MOUNT`, default `transit`. */
  readonly mount: string;
  /** `VAULT_TRANSIT_KEY`, 1 to 48 of `A-Z a-z 0-9 . _ -`. */
  readonly name: string;
}

/** A key of AWS KMS, and the way to it. */
export interface AwsKmsSettings {
  /** `AWS_KMS_KEY`: id, ARN or alias. */
  readonly key: string;
  /** `AWS_REGION`, or that of the ARN. */
  readonly region: string;
  /** `AWS_KMS_ENDPOINT`, no slash at the end. */
  readonly endpoint: string;
  /** `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. */
  readonly accessKey: {
    readonly accessKeyId: string;
    readonly secretAccessKey: Secret;
    readonly sessionToken: Secret | null;
  };
}

/** A key of Google Cloud KMS, and the way to it. */
export interface GcpKmsSettings {
  /** `GCP_KMS_KEY`, its full name. */
  readonly key: string;
  /** `GCP_KMS_ENDPOINT`, no slash at the end. */
  readonly endpoint: string;
  /** The file of `GOOGLE_APPLICATION_CREDENTIALS`, or the metadata server at `GCE_METADATA_HOST`. */
  readonly login:
    { readonly kind: 'file'; readonly path: string } | { readonly kind: 'metadata'; readonly host: string };
}

/** One key of the static pool. */
export interface StaticKey {
  /** Provider kind, from the prefix or `SIDE_POOL_PROVIDER`. */
  readonly provider: string;
  readonly key: Secret;
}

/** Everything the environment decides, parsed once at start. Immutable. */
export interface GatewayConfig {
  readonly server: {
    /** `HOST`, default `0.0.0.0`. */
    readonly host: string;
    /** `PORT`, 0 to 65535, default 3000. */
    readonly port: number;
    /** `MAX_BODY_BYTES`, default 20 MiB. */
    readonly maxBodyBytes: number;
    /** `MAX_UPLOAD_BYTES`, default 512 MiB. */
    readonly maxUploadBytes: number;
    /** `SHUTDOWN_TIMEOUT_MS`: how long open calls may take to finish on SIGTERM, default 30 s. */
    readonly shutdownTimeoutMs: number;
    /** `CLIENT_STALL_TIMEOUT_MS`: how long a client may take nothing of an answer that is ready, default 60 s. */
    readonly clientStallTimeoutMs: number;
    /** `EXPOSE_ACCOUNT_ID`: whether answers carry `x-pool-account`, default true. */
    readonly exposeAccountId: boolean;
    /** `TRUSTED_PROXIES`: addresses and CIDRs, or a hop count; empty by default. */
    readonly trustedProxies: readonly string[];
    /** `GLOBAL_IP_ALLOWLIST`: addresses and CIDRs; empty by default: no restriction. */
    readonly ipAllowlist: readonly string[];
  };
  /** `DATA_DIR`, absolute, default `.data` under the working directory. */
  readonly dataDir: string;
  readonly database: {
    /** `DATABASE_URL`; `null` starts the embedded Postgres. */
    readonly url: Secret | null;
    /** `DATABASE_MIGRATION_URL`: the role that owns the tables; `null`: the role of `url` does. */
    readonly migrationUrl: Secret | null;
  };
  readonly audit: {
    /** `AUDIT_RETENTION_MONTHS`, 1 to 1200; `null`: kept for good. */
    readonly retentionMonths: number | null;
  };
  readonly redis: {
    /** `REDIS_URL`; `null`: each process counts the limits of keys and of provider accounts for itself. */
    readonly url: Secret | null;
  };
  readonly keys: {
    /** `ADMIN_API_KEY`, at least 32 characters; `null`: generated at first start and printed once. */
    readonly adminApiKey: Secret | null;
    /** `ENCRYPTION_KEYS`, the first is primary; `null`: a local keyring is generated in the data directory. */
    readonly encryptionKeys: readonly NamedKey[] | null;
    /** `KEY_ENCRYPTION`: who holds the primary key, default `local`. */
    readonly keyEncryption: 'local' | 'vault' | 'aws' | 'gcp';
    /** `null`: `VAULT_TRANSIT_KEY` is not set. */
    readonly vault: VaultSettings | null;
    /** `AWS_KMS_KEY` and what goes with it; `null`: none. */
    readonly awsKms: AwsKmsSettings | null;
    /** `GCP_KMS_KEY` and what goes with it; `null`: none. */
    readonly gcpKms: GcpKmsSettings | null;
    /** `LOST_ENCRYPTION_KEYS`: ids of keys that secrets are sealed with and that nobody has; empty by default. */
    readonly lostEncryptionKeys: readonly string[];
    /** `KEY_PEPPERS`, the first is primary; `null`: generated in the data directory. */
    readonly keyPeppers: readonly NamedKey[] | null;
  };
  readonly staticPool: {
    /** From `SIDE_POOL_KEYS`, in order, duplicates removed. */
    readonly keys: readonly StaticKey[];
    /** From `GROQ_API_KEY`, `OPENAI_API_KEY`, `ANTHROPIC_API_KEY` and any other `<PROVIDER>_API_KEY`. */
    readonly singleKeys: readonly StaticKey[];
    /** `COOL_DOWN_MINUTES`, > 0, default 5: how long a 429 without a hint benches a key. */
    readonly coolDownMs: number;
  };
  readonly upstream: {
    /** `<PROVIDER>_BASE_URL` by provider kind. */
    readonly baseUrls: Readonly<Record<string, string>>;
    /** `PRIVATE_UPSTREAMS`, default `allow`. Link-local and metadata addresses are refused in both. */
    readonly privateUpstreams: 'allow' | 'deny';
    /** `UPSTREAM_CONNECT_TIMEOUT_MS`, default 10 s. */
    readonly connectTimeoutMs: number;
    /** `UPSTREAM_FIRST_BYTE_TIMEOUT_MS`, default 60 s. */
    readonly firstByteTimeoutMs: number;
    /** `UPSTREAM_FIRST_OUTPUT_TIMEOUT_MS`: from the request to the first output of a stream, default 120 s; 0: without end. */
    readonly firstOutputTimeoutMs: number;
    /** `UPSTREAM_STREAM_FLOOR_TOKENS_PER_SECOND`: below it a stream that begins is slow, default 0: none is. */
    readonly streamFloorTokensPerSecond: number;
    /** `UPSTREAM_STREAM_WINDOW_MS`: how long a stream that begins is looked at, default 2 s. */
    readonly streamWindowMs: number;
    /** `UPSTREAM_IDLE_TIMEOUT_MS`: the longest silence inside an answer, default 60 s. */
    readonly idleTimeoutMs: number;
    /** `MODEL_REFRESH_HOURS`: between two readings of the models of an account, 0 for never, default 6. */
    readonly modelRefreshHours: number;
    /** `CALL_DEADLINE_MS`: everything a call may take, fail-over included, default 10 min. */
    readonly callDeadlineMs: number;
  };
  readonly logging: {
    /** `LOG_LEVEL`, default `info`. */
    readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  };
}

/** Injection token of the {@link GatewayConfig}. */
export const GATEWAY_CONFIG = Symbol('GatewayConfig');
