import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError } from '../config.errors.js';
import type { GatewayConfig } from '../gateway-config.js';
import { parseEnvironment } from './parse-environment.js';
import { settings } from './settings.js';

const providerKinds = ['openai', 'anthropic', 'groq', 'mistral', 'openai-compatible'];
const parse = (environment: Record<string, string>): GatewayConfig =>
  parseEnvironment(environment, { providerKinds, cwd: '/srv/gateway' });

function faultsOf(environment: Record<string, string>): string[] {
  try {
    parse(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message.split('\n');
  }
}

const base64Key = Buffer.alloc(32, 7).toString('base64');

describe('the environment', () => {
  it('is usable when it is empty', () => {
    expect(parse({})).toEqual({
      server: {
        host: '0.0.0.0',
        port: 3000,
        maxBodyBytes: 20 * 1024 * 1024,
        maxUploadBytes: 512 * 1024 * 1024,
        shutdownTimeoutMs: 30_000,
        clientStallTimeoutMs: 60_000,
        exposeAccountId: true,
        trustedProxies: [],
        ipAllowlist: [],
      },
      dataDir: '/srv/gateway/.data',
      database: { url: null, migrationUrl: null },
      audit: { retentionMonths: null },
      redis: { url: null },
      keys: {
        adminApiKey: null,
        encryptionKeys: null,
        keyEncryption: 'local',
        vault: null,
        awsKms: null,
        gcpKms: null,
        lostEncryptionKeys: [],
        keyPeppers: null,
      },
      staticPool: { keys: [], singleKeys: [], coolDownMs: 300_000 },
      upstream: {
        baseUrls: {},
        privateUpstreams: 'allow',
        connectTimeoutMs: 10_000,
        firstByteTimeoutMs: 60_000,
        firstOutputTimeoutMs: 120_000,
        streamFloorTokensPerSecond: 0,
        streamWindowMs: 2_000,
        idleTimeoutMs: 60_000,
        modelRefreshHours: 6,
        callDeadlineMs: 600_000,
      },
      logging: { level: 'info' },
    });
  });

  it('counts an empty variable as unset and drops white space around values', () => {
    expect(parse({ PORT: ' 8080\n', DATABASE_URL: '  ', REDIS_URL: '' })).toMatchObject({
      server: { port: 8080 },
      database: { url: null },
    });
  });

  it('lists every fault at once, one a line', () => {
    expect(faultsOf({ PORT: '70000', LOG_LEVEL: 'loud', GROQ_BASE_URL: 'groq', SIDE_POOL_KEY: 'x' })).toEqual(
      [
        'PORT must be a whole number from 0 to 65535',
        'GROQ_BASE_URL must be an http:// or https:// URL',
        'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
        'SIDE_POOL_KEY is not known; did you mean SIDE_POOL_KEYS?',
      ],
    );
  });

  it.each([
    ['HOST', 'a b'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['MAX_BODY_BYTES', '20mb'],
    ['MAX_UPLOAD_BYTES', '0'],
    ['SHUTDOWN_TIMEOUT_MS', '1e9'],
    ['EXPOSE_ACCOUNT_ID', 'maybe'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'localhost'],
    ['DATABASE_URL', 'mysql://host/db'],
    ['DATABASE_MIGRATION_URL', 'postgres://owner:CANARY@host/db'],
    ['AUDIT_RETENTION_MONTHS', '0'],
    ['ADMIN_API_KEY', 'CANARY-too-short'],
    ['ENCRYPTION_KEYS', 'CANARY'],
    ['ENCRYPTION_KEYS', 'k1:CANARY'],
    ['ENCRYPTION_KEYS', `k1:${base64Key},k1:${base64Key}`],
    ['KEY_PEPPERS', `:${base64Key}`],
    ['SIDE_POOL_KEYS', ',,'],
    ['SIDE_POOL_KEYS', 'gsk_a,CANARY:sk-b'],
    ['SIDE_POOL_KEYS', 'groq:'],
    ['SIDE_POOL_KEYS', 'CANA RY'],
    ['SIDE_POOL_PROVIDER', 'CANARY'],
    ['COOL_DOWN_MINUTES', '0'],
    ['PRIVATE_UPSTREAMS', 'yes'],
    ['UPSTREAM_IDLE_TIMEOUT_MS', '0'],
    ['LOST_ENCRYPTION_KEYS', 'k1,CANARY!'],
    ['OPENAI_API_KEY', 'CANA\nRY'],
    ['OPENAI_BASE_URL', 'https://user:CANARY@host/v1'],
    ['OPENAI_COMPATIBLE_BASE_URL', 'ftp://host'],
    ['REDIS_URL', 'http://:CANARY@host'],
    ['GLOBAL_IP_ALLOWLIST', '10.0.0.0/8, CANARY'],
    ['GLOBAL_IP_ALLOWLIST', 'fe80::1%eth0'],
  ])('refuses %s=%j in one line that shows no value', (name, value) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} `));
    expect(faults[0]).not.toContain('CANARY');
  });

  it.each([
    ['TRUSTED_PROXIES', '2'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, ::1'],
    ['DATABASE_URL', 'postgresql://u:p@db:5432/x?sslmode=require'],
    ['ENCRYPTION_KEYS', `new:${base64Key},old.2:${base64Key}`],
    ['LOST_ENCRYPTION_KEYS', 'k1, old.2'],
    ['COOL_DOWN_MINUTES', '0.5'],
  ])('takes %s=%s', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([]);
  });
});

describe('Vault', () => {
  const usable = { VAULT_TRANSIT_KEY: 'gateway', VAULT_ADDR: 'https://vault:8200/', VAULT_TOKEN: 'hvs.a' };

  it('is used where a key of it is named, by a token or by a role', () => {
    const place = { address: 'https://vault:8200', namespace: null, mount: 'transit', name: 'gateway' };
    expect(parse(usable).keys.vault).toMatchObject({ ...place, login: { kind: 'token' } });
    const role = { ...usable, VAULT_TOKEN: '', VAULT_ROLE_ID: 'r', VAULT_SECRET_ID: 's' };
    expect(parse(role).keys.vault?.login).toMatchObject({ kind: 'approle', roleId: 'r' });
    expect(parse({ VAULT_ADDR: 'https://vault:8200', VAULT_TOKEN: 'hvs.a' }).keys.vault).toBeNull();
  });

  it('is refused with every fault at once', () => {
    expect(faultsOf({ KEY_ENCRYPTION: 'vault' })).toEqual([expect.stringMatching(/^VAULT_TRANSIT_KEY /)]);
    const faults = faultsOf({ VAULT_TRANSIT_KEY: 'gateway', VAULT_ROLE_ID: 'r' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['VAULT_ADDR', 'VAULT_TOKEN']);
    expect(faultsOf({ ...usable, VAULT_TRANSIT_KEY: '../sys' })).toHaveLength(1);
  });
});

describe('AWS KMS', () => {
  const arn = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const usable = { AWS_KMS_KEY: arn, AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's' };

  it('is used where a key of it is named; an ARN tells the region', () => {
    expect(parse(usable).keys.awsKms).toMatchObject({
      key: arn,
      region: 'eu-central-1',
      endpoint: 'https://kms.eu-central-1.amazonaws.com',
      accessKey: { accessKeyId: 'AKIA', sessionToken: null },
    });
    const alias = { ...usable, AWS_KMS_KEY: 'alias/gateway', AWS_REGION: 'cn-north-1' };
    expect(parse(alias).keys.awsKms?.endpoint).toBe('https://kms.cn-north-1.amazonaws.com.cn');
    expect(parse({ AWS_ACCESS_KEY_ID: 'AKIA', AWS_REGION: 'eu-west-1' }).keys.awsKms).toBeNull();
  });

  it('is refused with every fault at once', () => {
    expect(faultsOf({ KEY_ENCRYPTION: 'aws' })).toEqual([expect.stringMatching(/^AWS_KMS_KEY /)]);
    const faults = faultsOf({ AWS_KMS_KEY: 'alias/gateway' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ]);
    expect(faultsOf({ ...usable, AWS_KMS_KEY: 'arn:aws:s3:::x' })).toHaveLength(1);
  });
});

describe('Google Cloud KMS', () => {
  const key = 'projects/acme/locations/europe-west1/keyRings/pool/cryptoKeys/gateway';

  it('is used where a key of it is named, by a service account or the metadata server', () => {
    const endpoint = 'https://cloudkms.googleapis.com';
    const login = { kind: 'metadata', host: 'metadata.google.internal' };
    expect(parse({ GCP_KMS_KEY: key }).keys.gcpKms).toEqual({ key, endpoint, login });
    const file = parse({ GCP_KMS_KEY: key, GOOGLE_APPLICATION_CREDENTIALS: '/run/sa.json' });
    expect(file.keys.gcpKms?.login).toEqual({ kind: 'file', path: '/run/sa.json' });
    expect(parse({ GOOGLE_APPLICATION_CREDENTIALS: '/run/sa.json' }).keys.gcpKms).toBeNull();
  });

  it('is refused by a key that is none', () => {
    expect(faultsOf({ KEY_ENCRYPTION: 'gcp' })).toEqual([expect.stringMatching(/^GCP_KMS_KEY /)]);
    expect(faultsOf({ GCP_KMS_KEY: 'gateway' })).toHaveLength(1);
    expect(faultsOf({ GCP_KMS_KEY: `${key}/cryptoKeyVersions/1` })).toHaveLength(1);
  });
});

describe('the static pool', () => {
  const keysOf = (environment: Record<string, string>): string[] =>
    parse(environment).staticPool.keys.map(({ provider, key }) => `${provider}:${key.reveal()}`);

  it('gives keys without prefix to groq, or to SIDE_POOL_PROVIDER', () => {
    expect(keysOf({ SIDE_POOL_KEYS: 'a,b' })).toEqual(['groq:a', 'groq:b']);
    expect(keysOf({ SIDE_POOL_KEYS: 'a', SIDE_POOL_PROVIDER: 'OpenAI' })).toEqual(['openai:a']);
  });

  it('takes prefixes, mixes, spaces, empty entries and duplicates', () => {
    expect(keysOf({ SIDE_POOL_KEYS: ' groq:gsk_a , openai: sk-b,, gsk_a,c,groq:c ' })).toEqual([
      'groq:gsk_a',
      'openai:sk-b',
      'groq:c',
    ]);
  });

  it('suggests the provider that was meant', () => {
    expect(faultsOf({ SIDE_POOL_KEYS: 'grok:gsk_a' })).toEqual([
      'SIDE_POOL_KEYS entry 1 names a provider that is not known; did you mean groq?',
    ]);
  });

  it('reads back every key it is given, in order', () => {
    const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
    const entry = fc.record({ provider: fc.constantFrom(...providerKinds), key });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { minLength: 1, selector: (each) => each.provider + each.key }),
        (entries) => {
          const texts = entries.map((each) => `${each.provider}:${each.key}`);
          expect(keysOf({ SIDE_POOL_KEYS: texts.join(',') })).toEqual(texts);
        },
      ),
    );
  });

  it('reads single keys and base URLs of known providers alone', () => {
    const { staticPool, upstream } = parse({
      MISTRAL_API_KEY: 'm',
      GROQ_API_KEY: 'g',
      GITHUB_API_KEY: 'foreign',
      OPENAI_COMPATIBLE_BASE_URL: 'http://127.0.0.1:8000/v1/',
      GITHUB_BASE_URL: 'no url',
    });
    expect(staticPool.singleKeys.map(({ provider }) => provider)).toEqual(['groq', 'mistral']);
    expect(upstream.baseUrls).toEqual({ 'openai-compatible': 'http://127.0.0.1:8000/v1' });
  });
});

describe('names', () => {
  it('of other programs are left alone', () => {
    const foreign = [
      'PATH HOME HOSTNAME HOSTTYPE SHELL USER TERM LANG PWD OLDPWD TMPDIR EDITOR PAGER DISPLAY SHLVL MAIL',
      'NODE_ENV NODE_OPTIONS npm_package_name npm_config_cache npm_lifecycle_event INIT_CWD CI GITHUB_TOKEN POST SORT',
      'XDG_DATA_DIRS XDG_DATA_HOME XDG_CONFIG_DIRS AWS_REGION KUBERNETES_SERVICE_HOST KUBERNETES_PORT_443_TCP_ADDR',
      'UPSTREAM_SERVICE_HOST UPSTREAM_PORT UPSTREAM_PORT_80_TCP_ADDR REDIS_HOST DATABASE_NAME OTEL_EXPORTER_OTLP_ENDPOINT',
      'SOME_API_KEY SOME_BASE_URL UPSTREAM_API_KEY PGHOST PGDATA LOGNAME LS_COLORS PORTS',
    ];
    const environment = Object.fromEntries(
      foreign
        .join(' ')
        .split(' ')
        .map((name) => [name, 'x']),
    );
    expect(faultsOf(environment)).toEqual([]);
    expect(faultsOf(process.env as Record<string, string>)).toEqual([]);
  });

  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['ENCRYPTION_KEY', 'ENCRYPTION_KEYS'],
    ['ADMN_API_KEY', 'ADMIN_API_KEY'],
    ['TRUSTED_PROXY', null],
    ['SIDE_POOL_STRATEGY', null],
    ['UPSTREAM_TIMEOUT_MS', null],
    ['GLOBAL_IP_ALLOW_LIST', 'GLOBAL_IP_ALLOWLIST'],
    ['LOG_LEVELS', 'LOG_LEVEL'],
  ])('%s of ours that is misspelt is a fault', (name, meant) => {
    const hint = meant === null ? '' : `; did you mean ${meant}?`;
    expect(faultsOf({ [name]: 'x' })).toEqual([`${name} is not known${hint}`]);
  });

  it('each have a default that is right, or none', () => {
    for (const [name, { default: text }] of Object.entries(settings)) {
      if (text !== null) expect(faultsOf({ [name]: text })).toEqual([]);
    }
  });
});
