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
/** Of an account that is in use while Redis is away. */
const lowerLimit = 300;
/** What may become of Redis. */
const losses = ['killed', 'hanging'] as const;

withRedis('two gateways on one Redis', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let simulator: Simulator;
  let pair: GatewayPair;
  let key: string;
  /** A key that may have so many calls at once as it has here. */
  let limitedKey: string;

  beforeAll(async () => {
    redis = await startRedis();
    // Groq tells of requests by the day alone: of those by the minute the gateways know what they tell each other.
    const latency = { kind: 'fixed', ms: 100 } as const;
    simulator = await startSimulator({
      providers: {
        groq: {
          keys: [
            { key: 'gsk-sim-one', limits: { rpm: limit } },
            ...losses.map((loss) => ({ key: `gsk-sim-${loss}`, limits: { rpm: lowerLimit } })),
          ],
          latency,
        },
        openai: { keys: ['sk-sim-one', 'sk-sim-two'] },
      },
    });
    pair = await startGatewayPair({
      REDIS_URL: redis.url.reveal(),
      GROQ_BASE_URL: `${simulator.url}/groq/openai/v1`,
      OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    });
    const g = { provider: 'groq', name: 'g', credential: 'gsk-sim-one' };
    await pair.admin('POST', '/accounts', { ...g, limits: { rpm: limit } });
    const [one, two] = ['sk-sim-one', 'sk-sim-two'];
    await pair.admin('POST', '/accounts', { provider: 'openai', name: 'one', credential: one });
    await pair.admin('POST', '/accounts', { provider: 'openai', name: 'two', credential: two, tier: 2 });
    key = (await makeKey(pair)).secret;
    const limited = { limits: { rpm: 1_000_000, maxConcurrency: 2 } };
    const made = await pair.admin('POST', '/api-keys', { name: 'limited', scopes: ['call'], ...limited });
    limitedKey = String(made['secret']);
    for (const model of [llamaOf('groq'), 'openai/gpt-4o-mini']) await bothServe(model);
  }, 60_000);
  afterAll(async () => {
    await pair.close();
    await simulator.close();
    await redis.kill();
  });

  const both = () => [pair.one, pair.other];

  async function bothServe(model: string): Promise<void> {
    for (const gateway of both())
      await until(
        () => call(gateway, model),
        (status) => status === 200,
      );
  }

  async function call({ url }: GatewayProcess, model: string, secret = key): Promise<number> {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
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
  async function left({ url }: GatewayProcess, pool: string): Promise<number> {
    const headers = { authorization: `Bearer ${pair.adminKey}` };
    const response = await fetch(`${url}/admin/v1/pools`, { headers });
    const { data } = (await response.json()) as { data: { provider: string; capacity: Capacity }[] };
    return data.find(({ provider }) => provider === pool)?.capacity.rpm.remaining ?? NaN;
  }
  const callsOf = (name: string) => simulator.report().providers['openai']?.keys[name]?.calls ?? 0;

  it('pass together what one account admits, and waste no call on its limit', async () => {
    const startMs = performance.now();
    const endMs = startMs + 9_000;
    const caller = async (gateway: GatewayProcess): Promise<void> => {
      while (performance.now() < endMs) await call(gateway, llamaOf('groq'));
    };
    const callers = both().flatMap((gateway) => Array.from({ length: 8 }, () => caller(gateway)));
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

  describe.each(losses)('whose Redis is %s', (loss) => {
    const tally = () => groq().keys[`gsk-sim-${loss}`];
    const refusals = (): number => tally()?.byStatus['429'] ?? 0;

    /** A pool of one account that nothing was taken of yet. */
    beforeAll(async () => {
      const baseUrl = `${simulator.url}/groq/openai/v1`;
      await pair.admin('POST', '/providers', { name: loss, kind: 'groq', baseUrl });
      const account = { provider: loss, name: loss, credential: `gsk-sim-${loss}` };
      await pair.admin('POST', '/accounts', { ...account, limits: { rpm: lowerLimit } });
      await bothServe(llamaOf(loss));
    }, 60_000);

    it('lose Redis without losing a call, and each takes its share of what is left', async () => {
      const startMs = performance.now();
      if (loss === 'killed') await redis.kill();
      else redis.pause();
      let isOver = false;
      const statuses = new Set<number>();
      const caller = async (gateway: GatewayProcess, secret: string): Promise<void> => {
        while (!isOver) statuses.add(await call(gateway, 'openai/gpt-4o-mini', secret));
      };
      const greedy = async (gateway: GatewayProcess): Promise<void> => {
        while (!isOver) await call(gateway, llamaOf(loss));
      };
      const calling = both().flatMap((gateway) => [
        caller(gateway, key),
        caller(gateway, limitedKey),
        ...Array.from({ length: 4 }, () => greedy(gateway)),
      ]);
      for (const gateway of both()) {
        await until(
          () => figures(gateway),
          (shown) => shown.includes('\npool_limit_shares 2\n'),
        );
        expect(await left(gateway, loss)).toBeLessThanOrEqual(lowerLimit / 2);
        for (const probe of ['healthz', 'readyz'])
          expect((await fetch(`${gateway.url}/${probe}`)).status).toBe(200);
      }
      await until(
        () => Promise.resolve(tally()?.calls ?? 0),
        (calls) => calls >= lowerLimit + 30,
      );
      isOver = true;
      await Promise.all(calling);
      expect(statuses).toEqual(new Set([200]));
      const refilled = ((performance.now() - startMs) * lowerLimit) / 60_000;
      expect(tally()?.byStatus['200']).toBeLessThanOrEqual(lowerLimit + refilled + 8);
      expect(refusals()).toBeLessThanOrEqual(0.01 * lowerLimit);
    }, 60_000);

    it('share again when Redis is back', async () => {
      if (loss === 'killed') redis = await startRedis(redis.port);
      else redis.resume();
      for (const gateway of both())
        await until(
          () => figures(gateway),
          (shown) => shown.includes('\npool_limit_shares 1\n'),
        );
      for (const gateway of both())
        await until(
          () => left(gateway, loss),
          (now) => now > 25,
        );
      const before = await left(pair.other, loss);
      const calls = Array.from({ length: 25 }, () => call(pair.one, llamaOf(loss)));
      expect(new Set(await Promise.all(calls))).toEqual(new Set([200]));
      await until(
        () => left(pair.other, loss),
        (now) => now < before - 12,
      );
      expect(refusals()).toBeLessThanOrEqual(0.01 * lowerLimit);
      for (const gateway of both()) expect(await call(gateway, 'openai/gpt-4o-mini', limitedKey)).toBe(200);
    }, 60_000);
  });
});

const llamaOf = (pool: string): string => `${pool}/llama-3.1-8b-instant`;

async function figures({ url }: GatewayProcess): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

interface Capacity {
  readonly rpm: { readonly remaining: number };
}
