import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { LlmClient } from '#ai-routing';
import { UsageRecorder } from '#billing';
import { NestLogger, Logger } from '#observability';
import { ManagedCreditPool } from '#provider-account-pool';
import { loadGatewayConfig } from '../load-gateway-config.js';
import { DiagPoolModule } from './diag-pool.module.js';
import { printReport } from './print-report.js';
import { readFlags, usage } from './read-flags.js';
import { fireRequests } from './fire-requests.js';
import type { CollectedUsage } from './collected-usage.js';
import { reportOf } from './report.js';

/** Fires requests through the static pool and prints what each key did. Exit status 0 when every request succeeded. */
async function diagnose(): Promise<number> {
  const flags = readFlags(process.argv.slice(2));
  if (flags === null) {
    process.stdout.write(usage);
    return 0;
  }
  const config = loadGatewayConfig({ LOG_LEVEL: 'error', ...process.env });
  const app = await NestFactory.createApplicationContext(DiagPoolModule.forRoot(config), {
    abortOnError: false,
    bufferLogs: true,
  });
  app.useLogger(new NestLogger(app.get(Logger)));
  try {
    const pool = app.get(ManagedCreditPool);
    if (pool.defaultProvider === null) {
      process.stderr.write('No keys: set SIDE_POOL_KEYS="key1,key2,..." (or GROQ_API_KEY and its like).\n');
      return 2;
    }
    const errors = await fireRequests(app.get(LlmClient), pool.defaultProvider, flags);
    const report = reportOf(app.get<CollectedUsage>(UsageRecorder).records, pool.accountIds(), errors);
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : printReport(report));
    return report.failed === 0 ? 0 : 1;
  } finally {
    await app.close();
  }
}

try {
  process.exitCode = await diagnose();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
