import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-a', 'sk-b', 'sk-c', 'sk-d'];
/** No multiple of the accounts, or their order alone would bring each back to the same one. */
const conversations = 13;
const turns = 6;
const instructions = 'You are helpful, honest and brief. '.repeat(140);
const word = (about: string) => `${about} `.repeat(400);

/** One message of a conversation. */
interface Said {
  readonly who: 'system' | 'user' | 'assistant';
  readonly text: string;
}

/** How a provider is asked in its own wire format. */
interface Wire {
  readonly path: string;
  readonly body: (said: readonly Said[]) => object;
}

const mark = { cache_control: { type: 'ephemeral' } };
const withoutSystem = (said: readonly Said[]): readonly Said[] => said.filter(({ who }) => who !== 'system');
const systemOf = (said: readonly Said[]): string => said.find(({ who }) => who === 'system')?.text ?? '';

const wires: Readonly<Record<string, Wire>> = {
  openai: {
    path: '/v1/chat/completions',
    body: (said) => ({
      model: 'openai/gpt-4o-mini',
      max_tokens: 20,
      messages: said.map(({ who, text }) => ({ role: who, content: text })),
    }),
  },
  anthropic: {
    path: '/v1/messages',
    // Clients move the mark from turn to turn.
    body: (said) => ({
      model: 'anthropic/claude-haiku-4-5',
      max_tokens: 20,
      system: systemOf(said),
      messages: withoutSystem(said).map(({ who, text }, at, all) => ({
        role: who,
        content: [{ type: 'text', text, ...(at === all.length - 1 ? mark : {}) }],
      })),
    }),
  },
  google: {
    path: '/v1beta/models/google%2Fgemini-2.5-flash:generateContent',
    body: (said) => ({
      systemInstruction: { parts: [{ text: systemOf(said) }] },
      contents: withoutSystem(said).map(({ who, text }) => ({
        role: who === 'user' ? 'user' : 'model',
        parts: [{ text }],
      })),
    }),
  },
};

/** What the provider billed in all. */
interface Billed {
  readonly input: number;
  readonly cached: number;
}

let gateway: TestGateway;
beforeAll(async () => {
  const providers = Object.fromEntries(Object.keys(wires).map((name) => [name, { keys }]));
  gateway = await startTestGateway({ providers });
  for (const name of Object.keys(wires)) for (const key of keys) await gateway.addAccount(name, key);
});
afterAll(() => gateway.close());

/** Holds conversations side by side, each turn with all that was said before. @returns what they were billed */
async function converse(
  provider: string,
  headersOf: (conversation: number, turn: number) => Record<string, string>,
  name: string,
) {
  const { path, body } = wires[provider] as Wire;
  const before = billed(provider);
  const all: Said[][] = Array.from({ length: conversations }, (_, at) => [
    { who: 'system', text: `${name} ${at} ${instructions}` },
    { who: 'user', text: word(`topic ${at}`) },
  ]);
  for (let turn = 0; turn < turns; turn += 1) {
    await Promise.all(
      all.map(async (said, conversation) => {
        const response = await fetch(gateway.url + path, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${gateway.callerKey}`,
            'content-type': 'application/json',
            ...headersOf(conversation, turn),
          },
          body: JSON.stringify(body(said)),
        });
        expect(response.status).toBe(200);
        await response.text();
        said.push(
          { who: 'assistant', text: word(`answer ${turn}`) },
          { who: 'user', text: word(`question ${turn}`) },
        );
      }),
    );
  }
  const after = billed(provider);
  return (after.cached - before.cached) / (after.input - before.input);
}

function billed(provider: string): Billed {
  const { input, cached } = gateway.simulator.report().providers[provider]?.tokens ?? { input: 0, cached: 0 };
  return { input, cached };
}

describe.each(Object.keys(wires))('conversations over four accounts of %s', (provider) => {
  it('meet a warm prompt cache as if there were one account, and far less often without affinity', async () => {
    const warm = await converse(provider, () => ({}), 'warm');
    const cold = await converse(provider, (at, turn) => ({ 'x-pool-affinity': `${at} ${turn}` }), 'cold');
    const ideal = await idealShare(provider);
    expect(warm / ideal).toBeGreaterThanOrEqual(0.95);
    expect(cold / ideal).toBeLessThan(0.75);
    const metrics = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    const text = await metrics.text();
    const { input, cached } = billed(provider);
    const name = `pool_prompt_tokens_total{provider="${provider}",cached=`;
    expect(text).toContain(`${name}"true"} ${cached}`);
    expect(text).toContain(`${name}"false"} ${input - cached}`);
  });

  it('are spread over all accounts', () => {
    const tallies = gateway.simulator.report().providers[provider]?.keys ?? {};
    for (const key of keys) expect(tallies[key]?.calls).toBeGreaterThan(turns);
  });
});

/** What one account alone reaches. */
async function idealShare(provider: string): Promise<number> {
  const { body } = await gateway.admin('GET', `/accounts?provider=${provider}`);
  const [, ...others] = (body['data'] as { id: string }[]).map(({ id }) => id);
  for (const id of others)
    await gateway.admin('POST', `/accounts/${id}/disable`, { reason: 'one is enough' });
  return converse(provider, () => ({}), 'ideal');
}
