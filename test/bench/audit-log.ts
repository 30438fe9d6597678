import 'reflect-metadata';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { AuditTrail, AuditVerifier, CheckpointWriter } from '#audit';
import { runMigrations } from '#persistence';
import { eventHash } from '../../libs/audit/src/domain/event-hash.js';
import { startEmbeddedPostgres } from '../../libs/persistence/src/embedded/embedded-postgres.js';
import { startAudit } from '../integration/audit/audit-process.js';
import { silentLogger } from '../support/silent-logger.js';

/**
 * What the audit log costs: a check of a log of many events (first argument, default a million), which is filled by COPY, and
 * one append, alone and with others at the same time. Run by `node --import ./test/support/import-typescript.js`.
 */
const count = Number(process.argv[2] ?? 1_000_000);
const appends = 504;
/** Connections of the pool. */
const writers = 8;

const directory = await mkdtemp(join(tmpdir(), 'audit-bench-'));
await chmod(directory, 0o755);
const postgres = await startEmbeddedPostgres({
  directory: join(directory, 'postgres'),
  logger: silentLogger,
});
try {
  await runMigrations(postgres.ownerUrl, silentLogger, 'gateway_app');
  const owner = new pg.Client({ connectionString: postgres.ownerUrl.reveal() });
  await owner.connect();
  await fill(owner);
  await owner.end();
  await measure();
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}

async function fill(owner: pg.Client): Promise<void> {
  const path = join(directory, 'events.tsv');
  const file = createWriteStream(path, { mode: 0o644 });
  const startMs = Date.now();
  let previous = '0'.repeat(64);
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const event = {
      sequence,
      atMs: startMs,
      actorKind: 'api_key',
      actorId: '019a9d5e-6d0c-7b0e-9b1c-2f4f6c1f0a11',
      action: 'account.changed',
      outcome: 'succeeded',
      targets: [`account:019a9d5e-6d0c-7b0e-9b1c-${String(sequence).padStart(12, '0')}`],
      ip: '192.0.2.1',
      requestId: '019a9d5e-6d0c-7b0e-9b1c-2f4f6c1f0a12',
      correlationId: null,
      details: `{"after":{"limits":{"rpm":${sequence}},"weight":2},"before":{"limits":{"rpm":10},"weight":1}}`,
      fingerprints: [],
      previous,
    };
    const hash = eventHash(event);
    const cells = [sequence, new Date(startMs).toISOString(), event.actorKind, event.actorId, event.action];
    cells.push(
      event.outcome,
      `{${event.targets.join()}}`,
      event.ip,
      event.requestId,
      '\\N',
      event.details,
      '{}',
    );
    const line = `${[...cells, `\\\\x${previous}`, `\\\\x${hash}`].join('\t')}\n`;
    previous = hash;
    if (!file.write(line)) await new Promise((resolve) => file.once('drain', resolve));
  }
  file.end();
  await finished(file);
  const begunMs = performance.now();
  await owner.query(`COPY audit_events FROM '${path}'`);
  // What autovacuum does some minutes after.
  await owner.query('VACUUM (ANALYZE) audit_events');
  await owner.query('CHECKPOINT');
  say('filled by COPY', count, performance.now() - begunMs);
}

async function measure(): Promise<void> {
  const database = { url: postgres.ownerUrl, applicationUrl: postgres.url, drop: () => Promise.resolve() };
  const app = await startAudit({ database, dataDir: directory });
  await app.get(CheckpointWriter).write();
  let begunMs = performance.now();
  const cpu = process.cpuUsage();
  const { ok, checked } = await app.get(AuditVerifier).verify();
  say(`verified (${ok ? 'intact' : 'BROKEN'})`, checked, performance.now() - begunMs);
  const { user, system } = process.cpuUsage(cpu);
  const rssMiB = process.memoryUsage().rss / 1_048_576;
  process.stdout.write(
    `  ${((user + system) / 1e6).toFixed(1)} s of CPU here, RSS ${rssMiB.toFixed(0)} MiB\n`,
  );
  const trail = app.get(AuditTrail);
  const append = (): Promise<void> =>
    trail.record([{ action: 'route.changed', targets: ['route:1'], after: { name: 'x' } }]);
  begunMs = performance.now();
  for (let i = 0; i < appends; i += 1) await append();
  say('appended, one after the other', appends, performance.now() - begunMs);
  begunMs = performance.now();
  const writer = async (): Promise<void> => {
    for (let i = 0; i < appends / writers; i += 1) await append();
  };
  await Promise.all(Array.from({ length: writers }, writer));
  say(`appended by ${writers} at once`, appends, performance.now() - begunMs);
  await app.close();
}

function say(what: string, events: number, tookMs: number): void {
  const perEventUs = (1_000 * tookMs) / events;
  process.stdout.write(
    `${what}: ${events} events in ${(tookMs / 1000).toFixed(1)} s, ${perEventUs.toFixed(0)} us each\n`,
  );
}
