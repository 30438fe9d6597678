import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';
import { createTestDatabase } from './test-database.js';

/** Two replicas: gateway processes on one database. */
export interface GatewayPair {
  readonly one: GatewayProcess;
  readonly other: GatewayProcess;
  /** The root admin key. */
  readonly adminKey: string;
  /** An admin call to the first. @throws Error for anything but success */
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** What of the gateway is changed by nobody's notice: counters of changes still count. */
  loseNotifications(): Promise<void>;
  close(): Promise<void>;
}

const adminKey = 'test-admin-key-of-at-least-32-characters';

/** Starts two built gateways that share what replicas share: the database, the key files' contents, the environment. */
export async function startGatewayPair(environment: Readonly<Record<string, string>>): Promise<GatewayPair> {
  const database = await createTestDatabase();
  const secret = (): string => `k:${randomBytes(32).toString('base64')}`;
  const shared = {
    DATABASE_URL: database.applicationUrl.reveal(),
    DATABASE_MIGRATION_URL: database.url.reveal(),
    ADMIN_API_KEY: adminKey,
    KEY_PEPPERS: secret(),
    ENCRYPTION_KEYS: secret(),
    ...environment,
  };
  const directories: string[] = [];
  const start = async (): Promise<GatewayProcess> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'gateway-pair-'));
    directories.push(dataDir);
    return startGatewayProcess({ ...shared, DATA_DIR: dataDir });
  };
  const one = await start();
  const other = await start();
  return {
    one,
    other,
    adminKey,
    async admin(method, path, body) {
      const response = await fetch(`${one.url}/admin/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    loseNotifications: () => silence(database.url.reveal()),
    async close() {
      await Promise.all([one.end('SIGTERM'), other.end('SIGTERM')]);
      await database.drop();
      for (const directory of directories) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function silence(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ source: string }>(
    `SELECT pg_get_functiondef('count_change'::regproc) AS source`,
  );
  const silent = rows[0]?.source.replace(/PERFORM pg_notify\([^;]*;/, '') ?? '';
  await owner.query(silent);
  await owner.end();
}
