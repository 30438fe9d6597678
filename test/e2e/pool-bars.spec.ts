import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

let gateway: TestGateway;
afterEach(() => gateway.close());

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `sk-sim-${at}`);

/** @returns the status; 0 when the caller itself went away */
async function call(more: object = {}, headers: object = {}, signal?: AbortSignal): Promise<number> {
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.callerKey}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({
        model: 'openai/gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hi' }],
        ...more,
      }),
      signal: signal ?? null,
    });
    await response.text();
    return response.status;
  } catch {
    return 0;
  }
}

/** Makes calls, so many at a time. */
async function inLanes(lanes: number, count: number, make: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await make(at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const openai = () => gateway.simulator.report().providers['openai'];

describe('calls are shared out by weight', () => {
  /** @param answerMs what the provider takes to answer */
  async function begin(weights: readonly number[], answerMs = 0): Promise<readonly string[]> {
    const keys = keysOf(weights.length);
    const latency = { kind: 'fixed', ms: answerMs } as const;
    gateway = await startTestGateway({ providers: { openai: { keys, latency } } });
    await inLanes(10, keys.length, (at) =>
      gateway.addAccount('openai', keys[at] as string, { weight: weights[at] }),
    );
    return keys;
  }

  it('any 100 in a row over weights 9 to 1 are 90 to one, +/- 2', async () => {
    // Long beside the pauses of a busy machine: an account that seems three times as slow as the other gets less.
    const [heavy] = await begin([9, 1], 25);
    for (let at = 0; at < 300; at += 1) expect(await call()).toBe(200);
    const picked = gateway.simulator.report().recent.map(({ key }) => key === heavy);
    expect(picked).toHaveLength(300);
    for (let from = 0; from + 100 <= picked.length; from += 1) {
      const share = picked.slice(from, from + 100).filter(Boolean).length;
      expect(Math.abs(share - 90)).toBeLessThanOrEqual(2);
    }
  }, 60_000);

  it.each([3, 10, 500])(
    'the last 1,000 over %i accounts of unequal weights reach 0.999 of the entropy of the weights',
    async (count) => {
      const weights = Array.from({ length: count }, (_, at) => 1 + (at % 3));
      const keys = await begin(weights);
      await inLanes(4, 1_000, async () => expect(await call()).toBe(200));
      const counts = keys.map((key) => openai()?.keys[key]?.calls ?? 0);
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(1_000);
      expect(entropyBits(counts) / entropyBits(weights)).toBeGreaterThanOrEqual(0.999);
      const { body } = await gateway.admin('GET', '/pools/openai');
      expect(body['entropyRatio']).toBeCloseTo(entropyBits(counts) / entropyBits(weights), 6);
    },
    60_000,
  );
});

describe('two accounts that are asked for more than they may do together', () => {
  /** Ten times as fast as 100 a minute, so that a short look counts enough calls. */
  const limits = { rpm: 1_000 };

  it('pass at the rate of their limits, +/- 1 %, once the burst is over, and are never refused by the provider', async () => {
    const keys = keysOf(2);
    const openaiOf = { keys: keys.map((key) => ({ key, limits })) };
    gateway = await startTestGateway({ providers: { openai: openaiOf }, recentCalls: 10_000 });
    for (const key of keys) await gateway.addAccount('openai', key, { limits });
    const served = () => openai()?.calls ?? 0;
    const stop = new AbortController();
    const callers = inLanes(60, Infinity, async () => {
      if (stop.signal.aborted) throw new Error('over');
      await call({}, { 'x-pool-no-fallback': 'true' });
    }).catch(() => undefined);
    // Both may serve a whole minute's worth at once, less a margin of 2 %, and what they refill meanwhile.
    const isBurstOver = () => until(() => Promise.resolve(gateway.admin('GET', '/pools/openai')), isUsedUp);
    await isBurstOver();
    const before = served();
    await until(
      () => Promise.resolve(served()),
      (count) => count >= before + 620,
    );
    stop.abort();
    await callers;
    const times = gateway.simulator
      .report()
      .recent.map(({ atMs }) => atMs)
      .slice(before + 10, before + 611);
    expect(times).toHaveLength(601);
    const [first = 0] = times;
    const perMinute = ((times.length - 1) * 60_000) / ((times.at(-1) ?? 0) - first);
    expect(Math.abs(perMinute / 2_000 - 1)).toBeLessThanOrEqual(0.01);
    expect(Object.keys(openai()?.byStatus ?? {})).toEqual(['200']);
  }, 60_000);
});

const isUsedUp = ({ body }: { body: Record<string, unknown> }): boolean =>
  ((body['capacity'] as { rpm: { remaining: number } }).rpm.remaining ?? 1) < 1;

describe('10,000 calls that are served, streamed, failed, timed out and given up in random order', () => {
  const limits = { maxConcurrency: 40 };
  const kinds = [
    { kind: 'status', status: 500, probability: 0.03 },
    { kind: 'rate_limited_no_hint', probability: 0.01 },
    { kind: 'reset_before_headers', probability: 0.01 },
    { kind: 'reset_mid_stream', probability: 0.05 },
    { kind: 'error_in_stream', probability: 0.05 },
    { kind: 'slow_first_byte', delayMs: 40, probability: 0.2 },
  ] as const;

  it('leave nothing in flight, at the gateway and at the provider', async () => {
    const keys = keysOf(4);
    gateway = await startTestGateway({ providers: { openai: { keys } }, seed: 7 });
    for (const key of keys) await gateway.addAccount('openai', key, { limits });
    for (const fault of kinds) gateway.simulator.addFault({ provider: 'openai', ...fault });
    const statuses = new Map<number, number>();
    const dice = seeded(5);
    await inLanes(50, 10_000, async () => {
      const isGivenUp = dice() < 0.15;
      const headers = dice() < 0.1 ? { 'x-pool-timeout-ms': String(1 + Math.floor(30 * dice())) } : {};
      const signal = isGivenUp ? AbortSignal.timeout(Math.floor(25 * dice())) : undefined;
      const status = await call({ stream: dice() < 0.4 }, headers, signal);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    for (const status of [0, 200, 504]) expect(statuses.get(status)).toBeGreaterThan(100);
    await until(
      () => Promise.resolve(openai()?.inFlight),
      (inFlight) => inFlight === 0,
    );
    const { body } = await until(
      () => gateway.admin('GET', '/pools/openai'),
      ({ body: pool }) => slotsOf(pool).remaining === slotsOf(pool).limit,
    );
    expect(slotsOf(body)).toEqual({ limit: 160, remaining: 160 });
    gateway.simulator.clearFaults();
    for (const { id } of (await gateway.admin('GET', '/accounts')).body['data'] as { id: string }[]) {
      await gateway.admin('POST', `/accounts/${id}/clear-cooldown`, {});
    }
    expect(await call()).toBe(200);
  }, 180_000);
});

const slotsOf = (pool: Record<string, unknown>): { limit: number; remaining: number } =>
  (pool['capacity'] as { concurrency: { limit: number; remaining: number } }).concurrency;

/** Numbers in [0, 1) that are the same in every run (a multiplicative congruence, Lehmer). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function entropyBits(amounts: readonly number[]): number {
  const total = amounts.reduce((sum, one) => sum + one, 0);
  return amounts.reduce((sum, one) => sum + (one === 0 ? 0 : (one / total) * Math.log2(total / one)), 0);
}
