import { importTypeScript } from './import-typescript.js';
import type { serveTestDatabases } from './test-database-server.js';

/** What we use of Jest's global configuration: the patterns of the command line. */
interface GlobalConfig {
  readonly testPathPatterns: { readonly patterns: readonly string[] };
}

/** Runs once before all specs: makes `createTestDatabase` work in them, warmed up where specs of test/ are likely. */
export default async function globalSetup({ testPathPatterns }: GlobalConfig): Promise<void> {
  const module = (await importTypeScript('./test-database-server.ts')) as {
    serveTestDatabases: typeof serveTestDatabases;
  };
  const server = await module.serveTestDatabases();
  process.env.TEST_DATABASE_SERVER = server.url;
  (globalThis as { closeTestDatabases?: () => Promise<void> }).closeTestDatabases = server.close;
  const { patterns } = testPathPatterns;
  if (patterns.length === 0 || patterns.some((pattern) => pattern.includes('test/'))) await server.warmUp();
}
