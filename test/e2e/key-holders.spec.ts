import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import { FakeAwsKms } from '../../libs/secrets/src/aws/fake-aws-kms.fixture.js';
import { FakeGcpKms } from '../../libs/secrets/src/gcp/fake-gcp-kms.fixture.js';
import { FakeVault } from '../../libs/secrets/src/vault/fake-vault.fixture.js';
import { runRefusedGateway, startGatewayProcess, type GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const adminKey = 'test-admin-key-of-at-least-32-characters';
const [vault, aws, gcp] = [new FakeVault(), new FakeAwsKms(), new FakeGcpKms()];
let simulator: Simulator;
let directory: string;
/** What each holder needs in the environment, and what makes its key unusable or usable again. */
let holders: Record<string, { environment: Record<string, string>; disable(): void; refusal: string }>;
let database: TestDatabase;
let running: GatewayProcess[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ providers: { openai: { keys: ['sk-real-0123456789'] } } });
  directory = await mkdtemp(join(tmpdir(), 'holders-'));
  const [vaultUrl, awsUrl, gcpUrl] = [await vault.listen(), await aws.listen(), await gcp.listen()];
  vault.rotate('gateway');
  const arn = aws.create('alias/gateway');
  const gcpKey = gcp.rotate('gateway');
  const accountFile = join(directory, 'service-account.json');
  await writeFile(accountFile, gcp.serviceAccount());
  holders = {
    vault: {
      environment: { VAULT_ADDR: vaultUrl, VAULT_TRANSIT_KEY: 'gateway', VAULT_TOKEN: vault.periodicToken },
      disable: () => vault.faults.push(503, 503, 503),
      refusal: 'Vault cannot be reached: status 503',
    },
    aws: {
      environment: {
        AWS_KMS_KEY: arn,
        AWS_KMS_ENDPOINT: awsUrl,
        AWS_ACCESS_KEY_ID: aws.accessKey.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.accessKey.secretAccessKey.reveal(),
        AWS_SESSION_TOKEN: aws.accessKey.sessionToken?.reveal() ?? '',
      },
      disable: () => aws.setState(arn, 'Disabled'),
      refusal: 'of AWS KMS is Disabled',
    },
    gcp: {
      environment: {
        GCP_KMS_KEY: gcpKey,
        GCP_KMS_ENDPOINT: gcpUrl,
        GOOGLE_APPLICATION_CREDENTIALS: accountFile,
      },
      disable: () => gcp.setState(gcpKey, 'DISABLED'),
      refusal: 'is DISABLED in Google Cloud KMS',
    },
  };
}, 60_000);
afterEach(async () => {
  await Promise.all(running.map((gateway) => gateway.end('SIGTERM')));
  running = [];
  await database.drop();
});
afterAll(async () => {
  await simulator.close();
  await Promise.all([vault.close(), aws.close(), gcp.close()]);
  await rm(directory, { recursive: true, force: true });
});

async function admin(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

async function statusOfCall(url: string, key: string): Promise<number> {
  const messages = [{ role: 'user', content: 'Hello' }];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages }),
  });
  await response.text();
  return response.status;
}

describe('a gateway whose encryption key is held elsewhere', () => {
  it.each(['vault', 'aws', 'gcp'])(
    'serves accounts made before a restart, keeps no key of its own, and says why it cannot start: %s',
    async (kind) => {
      const holder = holders[kind];
      if (holder === undefined) throw new Error(kind);
      database = await createTestDatabase();
      const dataDir = join(directory, kind);
      const environment = {
        ...holder.environment,
        KEY_ENCRYPTION: kind,
        DATABASE_URL: database.applicationUrl.reveal(),
        DATABASE_MIGRATION_URL: database.url.reveal(),
        DATA_DIR: dataDir,
        ADMIN_API_KEY: adminKey,
        OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
        MODEL_REFRESH_HOURS: '0',
      };
      const start = async (): Promise<GatewayProcess> => {
        const gateway = await startGatewayProcess(environment);
        running.push(gateway);
        return gateway;
      };
      const first = await start();
      await admin(first.url, 'POST', '/accounts', {
        provider: 'openai',
        name: 'main',
        credential: 'sk-real-0123456789',
      });
      const { secret } = await admin(first.url, 'POST', '/api-keys', { name: 'caller', scopes: ['call'] });
      expect(await statusOfCall(first.url, String(secret))).toBe(200);
      expect(await first.end('SIGTERM')).toBe(0);
      const second = await start();
      expect(await statusOfCall(second.url, String(secret))).toBe(200);
      const { keys, primaryKeyId, trouble } = await admin(second.url, 'GET', '/encryption');
      expect(keys).toMatchObject([{ keyId: primaryKeyId, available: true, primary: true }]);
      expect(trouble).toBeNull();
      expect(await readdir(dataDir)).not.toContain('keyring');
      if (kind === 'vault') expect(vault.asked).toContain('/v1/auth/token/renew-self');
      holder.disable();
      expect(await statusOfCall(second.url, String(secret))).toBe(200);
      expect(await second.end('SIGTERM')).toBe(0);
      const refused = await runRefusedGateway({ ...environment, PORT: '0' });
      expect(refused.status).not.toBe(0);
      expect(refused.output).toContain(holder.refusal);
    },
    120_000,
  );
});
