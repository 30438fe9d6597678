import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

interface SummaryRow {
  readonly provider: string | null;
  readonly tag: string | null;
  readonly requests: number;
  readonly failedRequests: number;
  readonly tokens: { readonly input: number; readonly cachedInput: number; readonly output: number };
  readonly costUsd: string;
  readonly unpricedRequests: number;
}

const providers = ['openai', 'anthropic', 'google'] as const;
const keys = { openai: 'sk-openai-a', anthropic: 'sk-ant-a', google: 'AIza-a' };
const models = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5', google: 'gemini-2.5-flash' };
const callsPerProvider = 10;
/** Long enough for the prompt caches of the providers, so that cached tokens count too. */
const longPrompt = 'The same long prompt again. '.repeat(600);
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: Object.fromEntries(providers.map((name) => [name, { keys: [keys[name]] }])),
  });
  for (const name of providers) await gateway.addAccount(name, keys[name]);
  for (let round = 0; round < callsPerProvider; round++) {
    await Promise.all(providers.map((name) => call(name, round % 2 === 1)));
  }
});
afterAll(() => gateway.close());

/** One call in the provider's own wire format, with tags. */
async function call(provider: (typeof providers)[number], stream: boolean): Promise<void> {
  const model = `${provider}/${models[provider]}`;
  const messages = [{ role: 'user', content: longPrompt }];
  const body = {
    openai: { model, messages, stream },
    anthropic: { model, messages, stream, max_tokens: 50 },
    google: { contents: [{ role: 'user', parts: [{ text: longPrompt }] }] },
  }[provider];
  const path = {
    openai: '/v1/chat/completions',
    anthropic: '/v1/messages',
    google: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  }[provider];
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.callerKey}`,
      'content-type': 'application/json',
      'x-pool-tags': `team=${provider},kind=${stream ? 'stream' : 'plain'}`,
    },
    body: JSON.stringify(body),
  });
  expect(`${response.status} ${await response.text()}`).toMatch(/^200 ./);
}

/** Records reach the ledger within a second; asks until all have. */
async function summary(groupBy: string): Promise<SummaryRow[]> {
  for (;;) {
    const { body } = await gateway.admin('GET', `/usage?groupBy=${groupBy}`);
    const rows = body['data'] as SummaryRow[];
    const requests = rows.reduce((sum, row) => sum + row.requests, 0);
    if (requests >= providers.length * callsPerProvider) return rows;
  }
}

describe('the usage of a gateway', () => {
  it('agrees with what each provider billed, to the token, cached and streamed ones included', async () => {
    const rows = await summary('provider');
    const counted = Object.fromEntries(
      rows.map(({ provider, requests, tokens: { input, cachedInput, output } }) => [
        provider,
        { requests, input, cached: cachedInput, output },
      ]),
    );
    const report = gateway.simulator.report().providers;
    const billed = Object.fromEntries(
      providers.map((name) => [name, { requests: report[name]?.calls, ...report[name]?.tokens }]),
    );
    expect(counted).toEqual(billed);
    expect(counted['openai']?.cached).toBeGreaterThan(0);
  });

  it('has a price for every call, and none failed', async () => {
    for (const row of await summary('provider')) {
      expect(row).toMatchObject({ requests: callsPerProvider, failedRequests: 0, unpricedRequests: 0 });
      expect(Number(row.costUsd)).toBeGreaterThan(0);
    }
  });

  it('can be told apart by the tags of the callers', async () => {
    const rows = await summary('tag');
    const half = (providers.length * callsPerProvider) / 2;
    expect(Object.fromEntries(rows.map(({ tag, requests }) => [tag, requests]))).toEqual({
      'kind=plain': half,
      'kind=stream': half,
      'team=anthropic': callsPerProvider,
      'team=google': callsPerProvider,
      'team=openai': callsPerProvider,
    });
  });
});
