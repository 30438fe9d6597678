import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { asId, noTokens, Secret, type ApiKeyId } from '#kernel';
import { AccountPool, selectAccount, settle, type AccountSpec } from '#pool-core';
import { KeyPeppers } from '#secrets';
import { ApiKeySnapshot } from '../../libs/api-keys/src/api-key-snapshot.js';
import { issueKey } from '../../libs/api-keys/src/domain/key-format.js';
import { LastUses } from '../../libs/api-keys/src/last-uses.js';
import { RootSecret } from '../../libs/api-keys/src/root-secret.js';
import { SnapshotApiKeyVerifier } from '../../libs/api-keys/src/snapshot-api-key-verifier.js';
import { MemoryQueue } from '../../libs/billing/src/journal/memory-queue.js';
import { UsageJournal } from '../../libs/billing/src/journal/usage-journal.js';
import { countingSeries, quietLogger } from '../../libs/billing/src/recording/recording.fixture.js';
import { JournalledRecorder } from '../../libs/billing/src/recording/journalled-recorder.js';
import { usage } from '../../libs/billing/src/usage-record.fixture.js';
import { median } from './report.js';

const rounds = 9;
const roundMs = 200;

/** Prints the median cost of one operation. */
function time(name: string, operation: () => void): void {
  const perRound = Array.from({ length: rounds }, () => {
    const startedMs = performance.now();
    let count = 0;
    while (performance.now() - startedMs < roundMs) {
      for (let at = 0; at < 100; at++) operation();
      count += 100;
    }
    return ((performance.now() - startedMs) * 1000) / count;
  });
  process.stdout.write(`${name.padEnd(60)} ${median(perRound).toFixed(2).padStart(8)} us\n`);
}

function timeSelection(accounts: number): void {
  const pool = new AccountPool();
  const limits = { rpm: 1e9, tpm: 1e12, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: 1e6 };
  const specs = Array.from({ length: accounts }, (_, at): AccountSpec => {
    const models = { allow: [], deny: [] };
    return {
      id: asId(String(at)),
      weight: 1,
      tier: 1,
      human: { kind: 'enabled' },
      credentialUsable: true,
      limits,
      quotaGroup: null,
      budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
      costFactor: 1,
      models,
    };
  });
  pool.replaceAccounts(specs, Date.now());
  const ask = {
    model: 'gpt-4o-mini',
    inputTokens: 300,
    outputTokens: 100,
    price: null,
    affinity: null,
    exclude: new Set<never>(),
  };
  const tokens = { ...noTokens, input: 250, output: 80 };
  time(`select an account of ${accounts} and settle`, () => {
    const decision = selectAccount(pool, ask, Date.now(), Math.random);
    if (decision.kind === 'refused') throw new Error('the pool refused');
    settle(pool, decision.reservation, { kind: 'succeeded', tokens, limits: [] }, Date.now(), Math.random);
  });
}

function timeVerification(): void {
  const peppers = KeyPeppers.of([{ id: 'one', material: new Secret(randomBytes(32).toString('base64')) }]);
  const { keyId, secret } = issueKey('live', randomBytes);
  const presented = secret.reveal();
  const hash = peppers.digest('one', presented);
  if (hash === null) throw new Error('there is no pepper');
  const caller = {
    apiKeyId: asId(keyId) as ApiKeyId,
    name: 'bench',
    scopes: new Set([]),
    weight: 1,
    models: { allow: [], deny: [] },
  };
  const snapshot = new ApiKeySnapshot();
  snapshot.replace(
    new Map([[keyId, { caller, hash, pepperId: 'one', expiresAtMs: Infinity, proven: null }]]),
  );
  const clock = { nowMs: () => Date.now() };
  const verifier = new SnapshotApiKeyVerifier(snapshot, peppers, new RootSecret(null), new LastUses(), clock);
  time('verify a system key', () => void verifier.verify(presented));
  time('refuse a malformed key', () => void verifier.verify(`${presented}x`));
}

async function timeRecording(perTurn: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'usage-bench-'));
  const limits = { segmentBytes: 4e6, maxBytes: 4e9, batchBytes: 256e3 };
  const journal = await UsageJournal.open(root, () => undefined, limits);
  const { series } = countingSeries();
  const overflow = new MemoryQueue(1);
  const recorder = new JournalledRecorder({ journal, overflow, series, logger: quietLogger });
  const record = usage();
  let inTurn = 0;
  time(`record usage, rated and journalled, ${perTurn} a turn`, () => {
    recorder.record(record);
    if (++inTurn % perTurn === 0) recorder.flush();
  });
  await journal.close();
  await rm(root, { recursive: true });
}

for (const accounts of [8, 100, 1000]) timeSelection(accounts);
timeVerification();
for (const perTurn of [1, 4, 32]) await timeRecording(perTurn);
