import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Secret } from '#kernel';
import { runMigrations } from '#persistence';
import { startEmbeddedPostgres } from '../../libs/persistence/src/embedded/embedded-postgres.js';
import { silentLogger } from './silent-logger.js';

const template = 'migrated';
/** What gateways of specs connect as, with its name as its password. */
const applicationRole = 'test_application';
/** Nothing in a test needs to survive a power cut. */
const fastSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
};

interface Cluster {
  /** @param from the database to copy, to which nobody is connected @returns how its owner and the application's role reach a new database, one URL a line */
  create(from: string): Promise<string>;
  drop(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Hands out test databases to the processes of the test run. */
export interface TestDatabaseServer {
  /** Of its HTTP interface. */
  readonly url: string;
  /** Starts Postgres now rather than when the first database is asked for. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the server; Postgres itself starts with the first database. */
export async function serveTestDatabases(): Promise<TestDatabaseServer> {
  let cluster: Promise<Cluster> | null = null;
  const started = (): Promise<Cluster> => (cluster ??= startCluster());
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { create, drop } = await started();
    const name = (request.url ?? '/').slice(1);
    if (request.method === 'POST') response.end(await create(name === '' ? template : name));
    else response.end(await drop(name));
  };
  const server = createServer((request, response) => {
    // A kept connection is closed by us after 5 s: who was busy for so long would send its POST into a closed one.
    response.setHeader('connection', 'close');
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    await (await cluster)?.stop();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    warmUp: async () => void (await started()),
    close,
  };
}

async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-test-'));
  const postgres = await startEmbeddedPostgres({
    directory: join(directory, 'postgres'),
    logger: silentLogger,
    settings: fastSettings,
  });
  const urlOf = (name: string): string => postgres.ownerUrl.reveal().replace(/[^/]+$/, name);
  const applicationUrlOf = (name: string): string => {
    const url = new URL(urlOf(name));
    return Object.assign(url, { username: applicationRole, password: applicationRole }).href;
  };
  const admin = new pg.Client({ connectionString: postgres.ownerUrl.reveal() });
  await admin.connect();
  await admin.query(`CREATE ROLE ${applicationRole} LOGIN PASSWORD '${applicationRole}'`);
  await admin.query(`CREATE DATABASE ${template}`);
  await runMigrations(new Secret(urlOf(template)), silentLogger, applicationRole);
  return {
    async create(from) {
      const name = `test_${randomUUID().replaceAll('-', '')}`;
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${pg.escapeIdentifier(from)}`);
      return `${urlOf(name)}\n${applicationUrlOf(name)}`;
    },
    async drop(name) {
      await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    },
    async stop() {
      await admin.end();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
