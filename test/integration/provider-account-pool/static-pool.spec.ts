import { afterEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { Secret } from '#kernel';
import {
  AccountsService,
  AccountScheduler,
  ManagedCreditPool,
  type ProviderAccountPoolOptions,
} from '#provider-account-pool';
import { aModelCall } from '../../support/a-model-call.js';
import { createTestDatabase } from '../../support/test-database.js';
import { aCall, aFailure, fail, leaseOf, ManualClock, startMs, startPool } from './pool-process.js';

const groq = (name: string) => ({ provider: 'groq', key: new Secret(`gsk_0123456789_${name}`) });
const minuteMs = 60_000;

describe('the static pool', () => {
  const clock = new ManualClock();
  let app: TestingModule;

  const start = async (
    staticPool: Partial<ProviderAccountPoolOptions['staticPool']>,
    baseUrls: Readonly<Record<string, string>> = {},
    url: Secret | null = null,
  ): Promise<ManagedCreditPool> => {
    const complete = { singleKeys: [], keys: [], coolDownMs: 5 * minuteMs, ...staticPool };
    app = await startPool({ url, clock, pool: { staticPool: complete, baseUrls } });
    return app.get(ManagedCreditPool);
  };
  afterEach(() => app.close());

  it('hands out its keys in a ring, without any database', async () => {
    const pool = await start({ keys: [groq('a'), groq('b'), groq('c')] });
    const names = Array.from({ length: 7 }, () => pool.getNextKey('groq')?.reveal().at(-1)).join('');
    expect(names).toBe('abcabca');
    expect(pool.getNextKey('openai')).toBeNull();
    expect(app.get(AccountScheduler).loaded).toBe(true);
  });

  it('leaves a key out while it cools, for as long as said, by default as configured', async () => {
    const pool = await start({ keys: [groq('a'), groq('b')] });
    pool.markAsCooling(groq('a').key);
    expect([pool.getNextKey('groq'), pool.getNextKey('groq')].map((key) => key?.reveal().at(-1))).toEqual([
      'b',
      'b',
    ]);
    clock.advanceMs(5 * minuteMs);
    expect(pool.getNextKey('groq')?.reveal().at(-1)).toBe('a');
    pool.markAsCooling(groq('a').key, 1000);
    pool.markAsCooling(groq('b').key, 2000);
    expect(pool.getNextKey('groq')).toBeNull();
    clock.advanceMs(1000);
    expect(pool.getNextKey('groq')?.reveal().at(-1)).toBe('a');
  });

  it('shares its cool-downs with the scheduler, both ways', async () => {
    const pool = await start({ keys: [groq('a'), groq('b')] });
    pool.markAsCooling(groq('a').key);
    expect(leaseOf(app, { provider: 'groq' }).accountId).toBe('static:groq:2');
    fail(app, aFailure({ class: 'rate_limited', retryAfterMs: 9000 }), { provider: 'groq' });
    expect(pool.getNextKey('groq')).toBeNull();
  });

  it('serves calls in a row with different keys', async () => {
    await start({ keys: [groq('a'), groq('b'), groq('c')] });
    const used = Array.from({ length: 6 }, () => leaseOf(app, { provider: 'groq' }).accountId);
    expect(new Set(used.slice(0, 3)).size).toBe(3);
    expect(used.slice(3)).toEqual(used.slice(0, 3));
  });

  it('tries a single key before the pooled ones, and counts a key that is both once', async () => {
    const pool = await start({ singleKeys: [groq('a')], keys: [groq('a'), groq('b')] });
    expect(pool.defaultProvider).toBe('groq');
    expect(pool.accountIds()).toEqual(['static:groq:1', 'static:groq:2']);
    expect(leaseOf(app, { provider: 'groq' }).accountId).toBe('static:groq:1');
    const exclude = new Set([leaseOf(app, { provider: 'groq' }).accountId]);
    expect(leaseOf(app, { provider: 'groq', exclude }).accountId).toBe('static:groq:2');
  });

  it('goes where the environment says', async () => {
    await start({ keys: [groq('a')] }, { groq: 'http://localhost:9/v1' });
    expect(leaseOf(app, { provider: 'groq' }).target.baseUrl).toBe('http://localhost:9/v1');
  });

  it.each([
    ['a kind nobody knows', 'nobody'],
    ['a kind without an address', 'openai-compatible'],
    ['a key whose resource nobody tells', 'azure-openai'],
  ])('does not start with %s, and does not say the key', async (_what, provider) => {
    await start({});
    const keys = [{ provider, key: new Secret('sk-canary-0123456789') }];
    const failing = startPool({ url: null, pool: { staticPool: { singleKeys: [], keys, coolDownMs: 1 } } });
    await expect(failing).rejects.toThrow(provider);
    await expect(failing).rejects.not.toThrow('canary');
  });

  it('refuses what its providers cannot do as unsupported, and says so of unknown pools', async () => {
    await start({ keys: [groq('a')] });
    const scheduler = app.get(AccountScheduler);
    expect(
      scheduler.acquire(
        aCall({ provider: 'groq', call: aModelCall({ wireFormat: 'gemini', operation: 'embed_content' }) }),
      ),
    ).toMatchObject({
      why: 'unsupported',
    });
    expect(scheduler.acquire(aCall({ provider: 'nobody' }))).toMatchObject({
      why: 'unavailable',
      refusals: [],
    });
  });

  it(
    'stands behind the accounts of the database, is listed, and cannot be changed by the admin API',
    async () => {
      const database = await createTestDatabase();
      await start({ keys: [groq('a')] }, {}, database.url);
      const accounts = app.get(AccountsService);
      const [listed] = accounts.list({ limit: 10, cursor: null }).data;
      expect(listed).toMatchObject({ id: 'static:groq:1', provider: 'groq', source: 'environment' });
      expect(JSON.stringify(listed)).not.toContain('gsk_');
      await expect(accounts.update('static:groq:1', 1, { weight: 2 }, 'ops')).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(accounts.remove('static:groq:1')).rejects.toMatchObject({ code: 'conflict' });
      const own = await accounts.create(
        { provider: 'groq', name: 'own', credential: 'gsk_own_0123456789' },
        'ops',
      );
      const { accountId } = leaseOf(app, { provider: 'groq' });
      expect(accountId).toBe(own.id);
      expect(leaseOf(app, { provider: 'groq', exclude: new Set([accountId]) }).accountId).toBe(
        'static:groq:1',
      );
      await app.close();
      await database.drop();
    },
    startMs,
  );
});
