import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-a', 'sk-b', 'sk-c', 'sk-d'];
/** No multiple of the accounts, or their order alone would bring each back to the same one. */
const conversations = 13;
const turns = 6;
const model = 'gpt-4o-mini';
const instructions = 'You are helpful, honest and brief. '.repeat(140);
const word = (about: string) => `${about} `.repeat(400);

/** What the provider billed in all. */
interface Billed {
  readonly input: number;
  readonly cached: number;
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys } } });
  for (const key of keys) await gateway.addAccount('openai', key);
});
afterAll(() => gateway.close());

/** Holds conversations side by side, each turn with all that was said before. @returns what they were billed */
async function converse(
  headersOf: (conversation: number, turn: number) => Record<string, string>,
  name: string,
) {
  const before = billed();
  const said = Array.from({ length: conversations }, (_, at) => [
    { role: 'system', content: `${name} ${at} ${instructions}` },
    { role: 'user', content: word(`topic ${at}`) },
  ]);
  for (let turn = 0; turn < turns; turn += 1) {
    await Promise.all(
      said.map(async (messages, conversation) => {
        const response = await fetch(`${gateway.url}/v1/chat/completions`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${gateway.callerKey}`,
            'content-type': 'application/json',
            ...headersOf(conversation, turn),
          },
          body: JSON.stringify({ model: `openai/${model}`, messages, max_tokens: 20 }),
        });
        expect(response.status).toBe(200);
        await response.text();
        messages.push(
          { role: 'assistant', content: word(`answer ${turn}`) },
          { role: 'user', content: word(`question ${turn}`) },
        );
      }),
    );
  }
  const after = billed();
  return (after.cached - before.cached) / (after.input - before.input);
}

function billed(): Billed {
  const { input, cached } = gateway.simulator.report().providers['openai']?.tokens ?? { input: 0, cached: 0 };
  return { input, cached };
}

describe('conversations over four accounts', () => {
  it('meet a warm prompt cache as if there were one account, and far less often without affinity', async () => {
    const warm = await converse(() => ({}), 'warm');
    const cold = await converse((at, turn) => ({ 'x-pool-affinity': `${at} ${turn}` }), 'cold');
    const ideal = await idealShare();
    expect(warm / ideal).toBeGreaterThanOrEqual(0.95);
    expect(cold / ideal).toBeLessThan(0.75);
    const metrics = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    const text = await metrics.text();
    const { input, cached } = billed();
    expect(text).toContain(`pool_prompt_tokens_total{provider="openai",cached="true"} ${cached}`);
    expect(text).toContain(`pool_prompt_tokens_total{provider="openai",cached="false"} ${input - cached}`);
  });

  it('are spread over all accounts', () => {
    const tallies = gateway.simulator.report().providers['openai']?.keys ?? {};
    for (const key of keys) expect(tallies[key]?.calls).toBeGreaterThan(turns);
  });
});

/** What one account alone reaches. */
async function idealShare(): Promise<number> {
  const { body } = await gateway.admin('GET', '/accounts?provider=openai');
  const [, ...others] = (body['data'] as { id: string }[]).map(({ id }) => id);
  for (const id of others)
    await gateway.admin('POST', `/accounts/${id}/disable`, { reason: 'one is enough' });
  return converse(() => ({}), 'ideal');
}
