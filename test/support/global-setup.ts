import { importTypeScript } from './import-typescript.js';
import type { serveTestDatabases } from './test-database-server.js';

/** Runs once before all specs: makes `createTestDatabase` work in them. */
export default async function globalSetup(): Promise<void> {
  const module = (await importTypeScript('./test-database-server.ts')) as {
    serveTestDatabases: typeof serveTestDatabases;
  };
  const server = await module.serveTestDatabases();
  process.env.TEST_DATABASE_SERVER = server.url;
  (globalThis as { closeTestDatabases?: () => Promise<void> }).closeTestDatabases = server.close;
}
