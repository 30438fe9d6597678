import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import { startGatewayPair, type GatewayPair } from '../support/gateway-pair.js';
import { makeKey, msUntilRefused } from '../support/key-trials.js';
import { until } from '../support/until.js';

const model = 'openai/gpt-4o-mini';
let simulator: Simulator;
let pair: GatewayPair;

beforeAll(async () => {
  simulator = await startSimulator({
    providers: { openai: { keys: ['sk-sim-one'], output: { tokens: 2_000, tokensPerSecond: 20 } } },
  });
  pair = await startGatewayPair({ OPENAI_BASE_URL: `${simulator.url}/openai/v1` });
  await pair.admin('POST', '/accounts', { provider: 'openai', name: 'one', credential: 'sk-sim-one' });
}, 60_000);
afterAll(async () => {
  await pair.close();
  await simulator.close();
});

/** A stream through the replica that is told nothing directly, once it has begun. */
async function streamOf(secret: string): Promise<{ ended: Promise<{ error: unknown; atMs: number }> }> {
  const client = new OpenAI({ baseURL: `${pair.other.url}/v1`, apiKey: secret, maxRetries: 0 });
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.next();
  const drain = async (): Promise<{ error: unknown; atMs: number }> => {
    try {
      while ((await chunks.next()).done !== true);
      return { error: null, atMs: performance.now() };
    } catch (error) {
      return { error, atMs: performance.now() };
    }
  };
  return { ended: drain() };
}
const streamsOpen = () => Promise.resolve(simulator.report().providers['openai']?.inFlight);

describe.each([
  ['by a notification', 1_000],
  ['with notifications lost', 5_000],
])('what one replica is told of a key, %s,', (_, withinMs) => {
  if (withinMs > 1_000) beforeAll(() => pair.loseNotifications());

  it.each(['revoke', 'disable'])(`another goes by in time: %s`, async (verb) => {
    expect(await msUntilRefused(pair, verb)).toBeLessThan(withinMs);
  });

  it('ends its open streams in 5 s, in words its SDK throws, and no one else', async () => {
    const [lost, kept] = [await makeKey(pair), await makeKey(pair)];
    const [cut, goesOn] = [await streamOf(lost.secret), await streamOf(kept.secret)];
    const startMs = performance.now();
    await pair.admin('POST', `/api-keys/${lost.id}/revoke`);
    const { error, atMs } = await cut.ended;
    expect(error).toMatchObject({ message: 'The API key was revoked or disabled during the call.' });
    expect(atMs - startMs).toBeLessThan(5_000);
    await until(streamsOpen, (open) => open === 1);
    await pair.admin('POST', `/api-keys/${kept.id}/disable`);
    expect((await goesOn.ended).error).not.toBeNull();
    await until(streamsOpen, (open) => open === 0);
  });
});
