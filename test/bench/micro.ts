import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, noTokens, Secret, type ApiKeyId } from '#kernel';
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
import { time } from './micro-clock.js';
import { timePools } from './micro-pools.js';

const tokens = { ...noTokens, input: 250, output: 80 };

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

timePools();
timeVerification();
timeMeter();
timeAddresses();
for (const perTurn of [1, 4, 32]) await timeRecording(perTurn);
