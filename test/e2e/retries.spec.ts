import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answerChat, startStaticPool, type StaticPool } from '../support/static-pool.js';

/** More than anybody would try by a fixed count. */
const accounts = 30;
let pool: StaticPool;
/** What the provider answers to a key. */
let statusOf: (key: string) => 200 | 401 | 500;

beforeEach(async () => {
  pool = await startStaticPool(accounts, (response, key) => answerChat(response, statusOf(key)));
});
afterEach(() => pool.close());

describe('a call', () => {
  it('is tried on as many accounts as it takes while they refuse it, each once', async () => {
    const last = pool.keys.at(-1);
    statusOf = (key) => (key === last ? 200 : 401);
    expect((await pool.call()).status).toBe(200);
    expect(pool.seen).toHaveLength(accounts);
    expect(new Set(pool.seen)).toEqual(new Set(pool.keys));
  });
});

describe('calls to a provider that breaks', () => {
  const calls = 100;

  it('are sent again no more often than a fifth of them and ten, over ten seconds', async () => {
    statusOf = () => (pool.seen.length % 2 === 0 ? 200 : 500);
    const startMs = performance.now();
    const statuses: number[] = [];
    for (let at = 0; at < calls; at += 1) statuses.push((await pool.call()).status);
    const spans = Math.ceil((performance.now() - startMs) / 10_000);
    const retries = pool.seen.length - calls;
    expect(retries).toBeGreaterThanOrEqual(0.2 * calls);
    expect(retries).toBeLessThanOrEqual(0.2 * calls + 10 * spans);
    expect(new Set(statuses)).toEqual(new Set([200, 502]));
  });
});
