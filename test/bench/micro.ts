import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { asId, noTokens, Secret, type ApiKeyId } from '#kernel';
import {
  AccountPool,
  benchAccount,
  reserveNow,
  settle,
  type AccountSpec,
  type Ask,
  type Reservation,
} from '#pool-core';
import { KeyPeppers } from '#secrets';
import { AddressRule } from '../../libs/api-keys/src/addresses/address-rule.js';
import { readIpAddress } from '../../libs/api-keys/src/addresses/ip-address.js';
import { ApiKeySnapshot } from '../../libs/api-keys/src/api-key-snapshot.js';
import { issueKey } from '../../libs/api-keys/src/domain/key-format.js';
import { LastUses } from '../../libs/api-keys/src/last-uses.js';
import { KeyMeters } from '../../libs/api-keys/src/limits/key-meters.js';
import { MemoryLimitStore } from '../../libs/api-keys/src/limits/memory-limit-store.js';
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
  print(name, median(perRound));
}

function print(name: string, us: number): void {
  process.stdout.write(`${name.padEnd(80)} ${us.toFixed(2).padStart(8)} us\n`);
}

/** A pool as it may be met. */
interface PoolCase {
  readonly name: string;
  readonly accounts: number;
  /** Of ten accounts, how many rest. */
  readonly coolingOfTen: number;
  readonly limited: boolean;
  readonly specOf: (at: number) => Partial<AccountSpec>;
}

const plain = { coolingOfTen: 0, limited: false, specOf: () => ({}) };
const poolCases: readonly PoolCase[] = [
  ...[10, 500, 10_000].flatMap((accounts) => [
    { ...plain, accounts, name: 'all well' },
    { ...plain, accounts, name: 'all well, limited', limited: true },
  ]),
  ...[10, 500, 10_000].map((accounts) => ({
    ...plain,
    accounts,
    name: '9 of 10 cooling, limited',
    limited: true,
    coolingOfTen: 9,
  })),
  {
    ...plain,
    accounts: 10_000,
    name: '9 of 10 cooling, 10,000 model rules',
    coolingOfTen: 9,
    specOf: (at) => ({ models: { allow: ['gpt-*', `ft:${at}`], deny: [] } }),
  },
  {
    ...plain,
    accounts: 10_000,
    name: 'first two of 3 tiers cooling',
    coolingOfTen: 9,
    specOf: (at) => ({ tier: at % 10 === 0 ? 3 : 1 + (at % 2) }),
  },
];

const noLimits = { rpm: null, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: null };
const someLimits = { ...noLimits, rpm: 1e9, tpm: 1e12, maxConcurrency: 1e6 };
const ask: Ask = {
  model: 'gpt-4o-mini',
  inputTokens: 300,
  outputTokens: 100,
  price: null,
  affinity: null,
  exclude: new Set<never>(),
};
const tokens = { ...noTokens, input: 250, output: 80 };
const outcome = { kind: 'succeeded', tokens, limits: [], firstByteMs: 300 } as const;

function poolOf({ accounts, coolingOfTen, limited, specOf }: PoolCase): AccountPool {
  const pool = new AccountPool();
  const specs = Array.from({ length: accounts }, (_, at): AccountSpec => ({
    id: asId(String(at)),
    weight: 1 + (at % 3),
    tier: 1,
    human: { kind: 'enabled' },
    credentialUsable: true,
    limits: limited ? someLimits : noLimits,
    quotaGroup: null,
    budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
    costFactor: 1,
    models: { allow: [], deny: [] },
    ...specOf(at),
  }));
  pool.replaceAccounts(specs, Date.now());
  for (const [at, { id }] of specs.entries()) {
    if (at % 10 > 9 - coolingOfTen) benchAccount(pool, id, 1e9, 'bench', Date.now());
  }
  return pool;
}

/** Conversations that go on: each call finds its warm account. */
const conversations = Array.from({ length: 10_000 }, (_, at) => ({ ...ask, affinity: `conversation${at}` }));

/** Picks in batches whose settling is not timed. */
function timeSelection(given: PoolCase, asks: readonly Ask[] = [ask]): void {
  const pool = poolOf(given);
  let next = 0;
  const batch: Reservation[] = [];
  const pick = (): void => {
    next = (next + 1) % asks.length;
    const reservation = reserveNow(pool, asks[next] ?? ask, Date.now(), Math.random);
    if (reservation === null) throw new Error('the pool refused');
    batch.push(reservation);
  };
  const settleAll = (): void => {
    for (const reservation of batch) settle(pool, reservation, outcome, Date.now(), Math.random);
    batch.length = 0;
  };
  const name = `${given.accounts} accounts, ${given.name}`;
  const bytes = bytesPer(pick, settleAll);
  timeInBatches(`pick of ${name} (${bytes} B each)`, pick, settleAll);
  time(`pick and settle of ${name}`, () => {
    pick();
    settleAll();
  });
}

const perBatch = 500;

/** Prints the median cost of one operation, without what tidies up behind each batch. */
function timeInBatches(name: string, operation: () => void, tidyUp: () => void): void {
  const perRound = Array.from({ length: rounds }, () => {
    let spentMs = 0;
    let count = 0;
    for (; spentMs < roundMs; count += perBatch) {
      const startedMs = performance.now();
      for (let at = 0; at < perBatch; at++) operation();
      spentMs += performance.now() - startedMs;
      tidyUp();
    }
    return (spentMs * 1000) / count;
  });
  print(name, median(perRound));
}

/** Bytes that one operation allocates once it runs warm; the least of many batches, which no collection fell into. */
function bytesPer(operation: () => void, tidyUp: () => void): number {
  const perBatchBytes = Array.from({ length: 200 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < perBatch; at++) operation();
    const allocated = process.memoryUsage().heapUsed - before;
    tidyUp();
    return allocated;
  });
  const withoutCollection = perBatchBytes.slice(100).filter((bytes) => bytes > 0);
  return Math.round(median(withoutCollection) / perBatch);
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
    providers: { allow: [], deny: [] },
    permit: null,
    tagRules: null,
    addresses: null,
    meter: null,
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

function timeMeter(): void {
  const clock = { nowMs: () => Date.now() };
  const refusals = { increment: () => undefined };
  const meters = new KeyMeters({ store: new MemoryLimitStore(clock), clock, refusals });
  const limits = { rpm: 1e9, tpm: 1e9, maxConcurrency: 1e6 };
  const meter = meters.of({ id: 'key', limits, budget: { monthlyUsd: '9000000' } });
  const price = { inputNanoUsd: 150, cachedInputNanoUsd: 75, outputNanoUsd: 600 };
  const call = { callId: 'call', inputTokens: 300, maxOutputTokens: null, price };
  time('admit and settle a call of a limited key', () => {
    const hold = meter?.admit(call);
    if (hold === undefined || hold instanceof Promise || hold instanceof Error) throw new Error('refused');
    hold.settle(tokens, 90_000n);
  });
}

function timeAddresses(): void {
  const entries = Array.from({ length: 100 }, (_, at) => `10.${at}.0.0/16`);
  const rule = AddressRule.of([...entries, '203.0.113.0/24']);
  time('find an IPv4 address on a list of 101', () => {
    const address = readIpAddress('203.0.113.7');
    if (rule?.check(address, 0) !== 'inside') throw new Error('refused');
  });
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

for (const poolCase of poolCases) timeSelection(poolCase);
timeSelection({ ...plain, accounts: 10, name: 'warm conversations' }, conversations);
timeVerification();
timeMeter();
timeAddresses();
for (const perTurn of [1, 4, 32]) await timeRecording(perTurn);
