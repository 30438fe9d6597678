import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-sim-one', 'sk-sim-two', 'sk-sim-three', 'sk-sim-four'];
const [healthy, ...broken] = keys;
let gateway: TestGateway;

const prompt = [{ role: 'user' as const, content: 'Hello' }];

/** A provider spoken to by its own SDK. */
interface Spoken {
  readonly model: string;
  plain(): Promise<unknown>;
  streamed(): Promise<unknown[]>;
}

const spoken: Readonly<Record<string, () => Spoken>> = {
  openai() {
    const sdk = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
    const body = { model: 'openai/gpt-4o-mini', messages: prompt };
    return {
      model: 'gpt-4o-mini',
      plain: () => sdk.chat.completions.create(body),
      streamed: async () => Array.fromAsync(await sdk.chat.completions.create({ ...body, stream: true })),
    };
  },
  anthropic() {
    const sdk = new Anthropic({ baseURL: gateway.url, apiKey: gateway.callerKey, maxRetries: 0 });
    const body = { model: 'anthropic/claude-haiku-4-5', messages: prompt, max_tokens: 8 };
    return {
      model: 'claude-haiku-4-5',
      plain: () => sdk.messages.create(body),
      streamed: async () => Array.fromAsync(await sdk.messages.create({ ...body, stream: true })),
    };
  },
};

type Breakage = (provider: string, key: string, model: string) => void;

/** What can be wrong with an account itself, so that its provider refuses it and no other. */
const breakages: readonly (readonly [string, Breakage])[] = [
  ['a revoked key', (provider, key) => gateway.simulator.revoke({ provider, key })],
  ['spent credit', (provider, key) => gateway.simulator.upsertKey({ provider, key, creditUsd: 0 })],
  [
    'a model it may not use',
    (provider, key) => gateway.simulator.upsertKey({ provider, key, models: ['x'] }),
  ],
  [
    'a limit smaller than the call',
    (provider, key) => gateway.simulator.upsertKey({ provider, key, limits: { tpm: 1 } }),
  ],
  [
    'a limit for the day smaller than the call',
    (provider, key) => gateway.simulator.upsertKey({ provider, key, limits: { tpd: 1 } }),
  ],
  [
    'a bill that is due',
    (provider, key) => gateway.simulator.addFault({ provider, key, kind: 'status', status: 402 }),
  ],
  [
    'no permission',
    (provider, key) => gateway.simulator.addFault({ provider, key, kind: 'status', status: 403 }),
  ],
  [
    'a limit with a hint',
    (provider, key) =>
      gateway.simulator.addFault({ provider, key, kind: 'absurd_retry_after', retryAfter: '30' }),
  ],
  [
    'an overload',
    (provider, key) => gateway.simulator.addFault({ provider, key, kind: 'status', status: 529 }),
  ],
];

describe.each(Object.keys(spoken))('with all accounts of %s but one broken', (provider) => {
  let sdk: Spoken;

  beforeEach(async () => {
    gateway = await startTestGateway({ providers: { [provider]: { keys } } });
    await gateway.addAccount(provider, String(healthy), { tier: 2 });
    for (const key of broken) await gateway.addAccount(provider, key);
    sdk = (spoken[provider] as () => Spoken)();
  });
  afterEach(() => gateway.close());

  it.each(breakages)('by %s, calls succeed, and none tries an account twice', async (_what, breakIt) => {
    for (const key of broken) breakIt(provider, key, sdk.model);
    await sdk.plain();
    for (const key of keys) expect(callsOf(provider, key)).toBeLessThanOrEqual(1);
    expect((await sdk.streamed()).length).toBeGreaterThan(1);
    for (const key of keys) expect(callsOf(provider, key)).toBeLessThanOrEqual(2);
    expect(gateway.simulator.report().providers[provider]?.inFlight).toBe(0);
  });

  it('a dead key costs one call, and none again until somebody tests it', async () => {
    for (const key of broken) gateway.simulator.revoke({ provider, key });
    await sdk.plain();
    await Promise.all(Array.from({ length: 20 }, () => sdk.plain()));
    for (let i = 0; i < 5; i += 1) await sdk.streamed();
    expect(broken.map((key) => callsOf(provider, key))).toEqual([1, 1, 1]);
  });
});

function callsOf(provider: string, key: string): number {
  return gateway.simulator.report().providers[provider]?.keys[key]?.calls ?? 0;
}
