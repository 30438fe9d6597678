import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { UsageRecorder, UsageReports, type UsageDimension, type UsageRecord } from '#billing';
import { asId, noTokens } from '#kernel';
import { usage } from '../../../libs/billing/src/usage-record.fixture.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startBilling } from './billing-app.js';

const dayMs = 86_400_000;
const firstDayMs = Date.UTC(2026, 0, 1);
const allTime = { fromMs: firstDayMs, toMs: firstDayMs + 30 * dayMs };
let database: TestDatabase;
let dataDir: string;
let app: INestApplicationContext;
let reports: UsageReports;

const calls: Partial<UsageRecord>[] = [
  { atMs: firstDayMs, tags: { team: 'search', stage: 'live' } },
  {
    atMs: firstDayMs + 1,
    tags: { team: 'search' },
    tokens: { input: 10, cachedInput: 0, output: 3, reasoning: 2 },
  },
  {
    atMs: firstDayMs + dayMs,
    accountId: asId('static:1'),
    provider: 'groq',
    upstreamModel: 'unpriced-model',
  },
  {
    atMs: firstDayMs + dayMs,
    status: 429,
    accountId: null,
    provider: null,
    upstreamModel: null,
    tokens: noTokens,
  },
  { atMs: firstDayMs + dayMs, status: 200, model: 'smart', apiKeyId: null, stream: true, firstByteMs: null },
];

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'billing-'));
  const recording = await startBilling(database.url, dataDir);
  for (const call of calls) recording.get(UsageRecorder).record(usage({ id: asId(randomUUID()), ...call }));
  await recording.close();
  app = await startBilling(database.url, dataDir);
  reports = app.get(UsageReports);
});
afterAll(async () => {
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const by = (...groupBy: UsageDimension[]) => reports.summary({ groupBy, ...allTime });

describe('the usage summary', () => {
  it('sums everything when nothing groups it', async () => {
    expect(await by()).toEqual([
      {
        requests: 5,
        failedRequests: 1,
        tokens: { input: 3010, cachedInput: 1200, output: 303, reasoning: 2 },
        costUsd: '0.0003633',
        unpricedRequests: 1,
      },
    ]);
  });

  it('groups by every dimension, naming what has none null', async () => {
    expect((await by('provider')).map(({ provider, requests }) => [provider, requests])).toEqual([
      ['groq', 1],
      ['openai', 3],
      [null, 1],
    ]);
    expect((await by('day', 'model')).map(({ day, model, requests }) => [day, model, requests])).toEqual([
      ['2026-01-01', 'fast', 2],
      ['2026-01-02', 'fast', 2],
      ['2026-01-02', 'smart', 1],
    ]);
    expect((await by('apiKey')).map(({ apiKey }) => apiKey)).toEqual([usage().apiKeyId, null]);
    expect((await by('account')).map(({ account }) => account)).toEqual([
      usage().accountId,
      'static:1',
      null,
    ]);
  });

  it('counts a call in each of its tags', async () => {
    expect((await by('tag')).map(({ tag, requests }) => [tag, requests])).toEqual([
      ['stage=live', 1],
      ['team=search', 2],
      [null, 3],
    ]);
  });

  it('adds up to the same whatever it is grouped by', async () => {
    const [all] = await by();
    for (const dimensions of [['account'], ['apiKey', 'day'], ['model', 'provider']] as UsageDimension[][]) {
      const rows = await by(...dimensions);
      expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(all?.requests);
      expect(rows.reduce((sum, { tokens }) => sum + tokens.input, 0)).toBe(all?.tokens.input);
    }
  });

  it('starts with the first instant and ends before the last', async () => {
    const rows = await reports.summary({ groupBy: [], fromMs: firstDayMs, toMs: firstDayMs + 1 });
    expect(rows).toMatchObject([{ requests: 1 }]);
    const none = await reports.summary({ groupBy: [], fromMs: 0, toMs: firstDayMs });
    expect(none).toMatchObject([{ requests: 0, costUsd: '0', unpricedRequests: 0 }]);
  });

  it('narrows by fields', async () => {
    const filter = { provider: 'openai', model: 'smart' };
    expect(await reports.summary({ groupBy: [], ...allTime, filter })).toMatchObject([{ requests: 1 }]);
  });
});

describe('the list of usage records', () => {
  it('shows each record as it was', async () => {
    const { data } = await reports.records(
      { fromMs: firstDayMs + 1, toMs: firstDayMs + 2 },
      { limit: 9, cursor: null },
    );
    expect(data).toEqual([
      {
        id: expect.any(String),
        requestId: data[0]?.id,
        at: '2026-01-01T00:00:00.001Z',
        apiKeyId: usage().apiKeyId,
        provider: 'openai',
        accountId: usage().accountId,
        model: 'fast',
        upstreamModel: 'gpt-4o-mini',
        operation: 'chat',
        status: 200,
        attempts: [{ ...usage().attempts[0], latencyMs: 42 }],
        tokens: { input: 10, cachedInput: 0, output: 3, reasoning: 2 },
        costUsd: '0.0000033',
        latencyMs: 42,
        firstByteMs: 12,
        stream: false,
        tags: { team: 'search' },
      },
    ]);
  });

  it('pages from the newest to the oldest, each once', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await reports.records({}, { limit: 2, cursor });
      seen.push(...page.data.map(({ at, id }) => `${at} ${id}`));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(calls.length);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });

  it('narrows by status, and takes a foreign cursor for none', async () => {
    const page = await reports.records({ status: 429 }, { limit: 5, cursor: 'bm90IG91cnM=' });
    expect(page.data.map(({ status, costUsd }) => [status, costUsd])).toEqual([[429, '0']]);
  });
});
