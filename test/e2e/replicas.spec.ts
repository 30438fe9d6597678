import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import {
  startSimulator,
  type ProviderReport,
  type Simulator,
} from '../../apps/provider-simulator/src/index.js';
import { startGatewayPair, type GatewayPair } from '../support/gateway-pair.js';
import type { GatewayProcess } from '../support/gateway-process.js';
import { makeKey } from '../support/key-trials.js';
import { hasRedis, startRedis } from '../support/redis-server.js';
import { until } from '../support/until.js';

const withRedis = hasRedis ? describe : describe.skip;
const limit = 600;

withRedis('two gateways on one Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let simulator: Simulator;
  let pair: GatewayPair;
  let key: string;

  beforeAll(async () => {
    redis = await startRedis();
    // Groq tells of requests by the day alone: of those by the minute the gateways know what they tell each other.
    const latency = { kind: 'fixed', ms: 100 } as const;
    simulator = await startSimulator({
      providers: {
        groq: { keys: [{ key: 'gsk-sim-one', limits: { rpm: limit } }], latency },
        openai: { keys: ['sk-sim-one', 'sk-sim-two'] },
      },
    });
    pair = await startGatewayPair({
      REDIS_URL: redis.url.reveal(),
      GROQ_BASE_URL: `${simulator.url}/groq/openai/v1`,
      OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    });
    const limited = { limits: { rpm: limit } };
    await pair.admin('POST', '/accounts', {
      provider: 'groq',
      name: 'g',
      credential: 'gsk-sim-one',
      ...limited,
    });
    const [one, two] = ['sk-sim-one', 'sk-sim-two'];
    await pair.admin('POST', '/accounts', { provider: 'openai', name: 'one', credential: one });
    await pair.admin('POST', '/accounts', { provider: 'openai', name: 'two', credential: two, tier: 2 });
    key = (await makeKey(pair)).secret;
    for (const gateway of [pair.one, pair.other]) {
      for (const model of ['groq/llama-3.1-8b-instant', 'openai/gpt-4o-mini'])
        await until(
          () => call(gateway, model),
          (status) => status === 200,
        );
    }
  }, 60_000);
  afterAll(async () => {
    await pair.close();
    await simulator.close();
    await redis.kill();
  });

  async function call({ url }: GatewayProcess, model: string): Promise<number> {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 8 }),
    });
    await response.text();
    return response.status;
  }

  function groq(): ProviderReport {
    const report = simulator.report().providers['groq'];
    if (report === undefined) throw new Error('the scenario has no groq');
    return report;
  }
  /** Requests of this minute that a gateway believes are left. */
  async function left({ url }: GatewayProcess): Promise<number> {
    const headers = { authorization: `Bearer ${pair.adminKey}` };
    const response = await fetch(`${url}/admin/v1/pools`, { headers });
    const { data } = (await response.json()) as { data: { provider: string; capacity: Capacity }[] };
    return data.find(({ provider }) => provider === 'groq')?.capacity.rpm.remaining ?? NaN;
  }
  const callsOf = (name: string) => simulator.report().providers['openai']?.keys[name]?.calls ?? 0;

  it('pass together what one account admits, and waste no call on its limit', async () => {
    const startMs = performance.now();
    const endMs = startMs + 9_000;
    const caller = async (gateway: GatewayProcess): Promise<void> => {
      while (performance.now() < endMs) await call(gateway, 'groq/llama-3.1-8b-instant');
    };
    const callers = [pair.one, pair.other].flatMap((gateway) =>
      Array.from({ length: 8 }, () => caller(gateway)),
    );
    await Promise.all(callers);
    const { calls, byStatus } = groq();
    const refilled = ((performance.now() - startMs) * limit) / 60_000;
    expect(byStatus['429'] ?? 0).toBeLessThanOrEqual(0.01 * calls);
    expect(byStatus['200']).toBeGreaterThanOrEqual(0.98 * limit);
    expect(byStatus['200']).toBeLessThanOrEqual(limit + refilled + 8);
  }, 60_000);

  it('use a key no more, a second after one of them has met its refusal', async () => {
    simulator.revoke({ provider: 'openai', key: 'sk-sim-one' });
    expect(await call(pair.one, 'openai/gpt-4o-mini')).toBe(200);
    const before = callsOf('sk-sim-one');
    // Nothing shows at the other when it has heard of it, but that it has by then.
    await pause(1_000);
    for (let calls = 0; calls < 10; calls += 1)
      expect(await call(pair.other, 'openai/gpt-4o-mini')).toBe(200);
    expect(callsOf('sk-sim-one')).toBe(before);
  });

  it('lose Redis without losing a call, and each takes its share of what is left', async () => {
    await redis.kill();
    for (const gateway of [pair.one, pair.other]) {
      for (let calls = 0; calls < 5; calls += 1) expect(await call(gateway, 'openai/gpt-4o-mini')).toBe(200);
      await until(
        () => Promise.resolve(gateway.output().includes('limits of accounts are split')),
        (isSplit) => isSplit,
      );
      expect(await left(gateway)).toBeLessThanOrEqual(limit / 2);
      expect(await call(gateway, 'openai/gpt-4o-mini')).toBe(200);
    }
  }, 30_000);

  it('share again when Redis is back', async () => {
    redis = await startRedis(redis.port);
    for (const gateway of [pair.one, pair.other])
      await until(
        async () => (await fetch(`${gateway.url}/metrics`)).text(),
        (figures) => figures.includes('\npool_limit_shares 1\n'),
      );
    for (const gateway of [pair.one, pair.other])
      await until(
        () => left(gateway),
        (now) => now > 50,
      );
    const before = await left(pair.other);
    const calls = Array.from({ length: 50 }, () => call(pair.one, 'groq/llama-3.1-8b-instant'));
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
    await until(
      () => left(pair.other),
      (now) => now < before - 25,
    );
    expect(groq().byStatus['429'] ?? 0).toBeLessThanOrEqual(7);
  }, 30_000);
});

interface Capacity {
  readonly rpm: { readonly remaining: number };
}
