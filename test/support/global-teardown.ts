/** Runs once after all specs: stops Postgres, if it was started, and removes its files. */
export default async function globalTeardown(): Promise<void> {
  await (globalThis as { closeTestDatabases?: () => Promise<void> }).closeTestDatabases?.();
}
