import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from './index.js';
import type { Report, Scenario, Simulator, Tally } from './index.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ providers: {} });
});
afterAll(() => simulator.close());

const messages = [{ role: 'user', content: 'Hello fox' }];

async function chat(
  key: string,
  extra: object = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(`${simulator.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ model: 'm', messages, ...extra }),
  });
  return new Response(await response.arrayBuffer(), response);
}

/** A stream whose body is not read. */
const openStream = (key: string) =>
  fetch(`${simulator.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'm', messages, stream: true }),
  });

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.url}/_control/${path}`, { method, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as unknown };
}

/** The last answer reaches the client a moment before the simulator has closed its books. */
async function settled(): Promise<Report> {
  for (;;) {
    const report = simulator.report();
    if (Object.values(report.providers).every((provider) => provider.inFlight === 0)) return report;
    await nextTurn();
  }
}

const twoKeys: Scenario = { providers: { openai: { keys: ['sk-1', 'sk-2'] } } };

describe('the report', () => {
  it('adds up: calls, statuses and tokens of a provider are those of its keys', async () => {
    simulator.setScenario(twoKeys);
    await Promise.all(['sk-1', 'sk-1', 'sk-2', 'nobody', 'sk-1'].map((key) => chat(key)));
    await chat('sk-2', { stream: true, max_tokens: 4 });
    const { providers, recent } = await settled();
    const { keys, ...total } = providers['openai'] as Tally & { keys: Record<string, Tally> };
    expect(total).toMatchObject({
      calls: 6,
      byStatus: { 200: 5, 401: 1 },
      inFlight: 0,
      aborted: 0,
      faulted: 0,
    });
    expect(total.tokens).toEqual({ input: 5 * 4, cached: 0, output: 4 * 10 + 4 });
    expect(Object.fromEntries(Object.entries(keys).map(([key, tally]) => [key, tally.calls]))).toEqual({
      'sk-1': 3,
      'sk-2': 2,
      unknown: 1,
    });
    const sum = (read: (tally: Tally) => number) =>
      Object.values(keys).reduce((total, tally) => total + read(tally), 0);
    expect(sum((tally) => tally.tokens.input)).toBe(total.tokens.input);
    expect(sum((tally) => tally.tokens.output)).toBe(total.tokens.output);
    expect(total.peakInFlight).toBeGreaterThanOrEqual(1);
    expect(recent).toHaveLength(6);
    expect(recent.at(-1)).toMatchObject({
      key: 'sk-2',
      path: '/v1/chat/completions',
      status: 200,
      streamed: true,
    });
  });

  it('keeps no more calls than asked, and lists keys that were never used', async () => {
    simulator.setScenario({ ...twoKeys, recentCalls: 2 });
    for (let i = 0; i < 3; i++) await chat('sk-1');
    const { recent, providers } = await settled();
    expect(recent).toHaveLength(2);
    expect(providers['openai']?.keys['sk-2']).toMatchObject({ calls: 0, firstAtMs: null });
  });

  it('never shows a key the scenario does not know', async () => {
    simulator.setScenario(twoKeys);
    await chat('sk-real-secret');
    const shown = JSON.stringify([await settled(), simulator.lastRequest('openai')]);
    expect(shown).not.toContain('sk-real-secret');
    expect(simulator.lastRequest('openai')?.headers['authorization']).toBe('Bearer [unknown key]');
  });
});

describe('an account', () => {
  it('is refused what exceeds its concurrency while calls are running', async () => {
    simulator.setScenario({
      providers: { openai: { keys: [{ key: 'sk-1', limits: { maxConcurrency: 2 } }] } },
      faults: [{ kind: 'hang_mid_stream', count: 2 }],
    });
    const running = await Promise.all([openStream('sk-1'), openStream('sk-1')]);
    expect((await chat('sk-1')).status).toBe(429);
    await running[0].body?.cancel();
    while (simulator.report().providers['openai']?.inFlight !== 1) await nextTurn();
    expect((await chat('sk-1')).status).toBe(200);
    await running[1].body?.cancel();
    expect((await settled()).providers['openai']).toMatchObject({ peakInFlight: 3, aborted: 2 });
  });

  it('gets its limit headers for key and organisation', async () => {
    simulator.setScenario({
      providers: {
        openai: {
          organisations: { 'org-a': { limits: { rpm: 10 } } },
          keys: ['a', 'b'].map((key) => ({ key, organisation: 'org-a', limits: { tpm: 1_000 } })),
        },
      },
    });
    await chat('a');
    const { headers } = await chat('b');
    expect(headers.get('openai-organization')).toBe('org-a');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('8');
    expect(headers.get('x-ratelimit-remaining-tokens')).toBe('986');
  });

  it('has its prompts cached for itself alone', async () => {
    simulator.setScenario({ ...twoKeys, promptCache: { minTokens: 0, stepTokens: 1 } });
    const cachedOf = async (key: string) => {
      const answer = (await (await chat(key)).json()) as {
        usage: { prompt_tokens_details: { cached_tokens: number } };
      };
      return answer.usage.prompt_tokens_details.cached_tokens;
    };
    expect([await cachedOf('sk-1'), await cachedOf('sk-1'), await cachedOf('sk-2')]).toEqual([0, 3, 0]);
    expect((await settled()).providers['openai']?.tokens.cached).toBe(3);
  });

  it('of Anthropic pays for writing the cache once and reads it after, where the prompt is marked', async () => {
    simulator.setScenario({
      promptCache: { minTokens: 0, stepTokens: 1 },
      providers: { anthropic: { keys: ['k'] } },
    });
    const usageOf = async (mark: object) => {
      const response = await fetch(`${simulator.url}/anthropic/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify({
          model: 'm',
          max_tokens: 5,
          messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello there, fox', ...mark }] }],
        }),
      });
      const { usage } = (await response.json()) as { usage: Record<string, number> };
      return [usage['input_tokens'], usage['cache_creation_input_tokens'], usage['cache_read_input_tokens']];
    };
    const mark = { cache_control: { type: 'ephemeral' } };
    expect(await usageOf({})).toEqual([5, 0, 0]);
    expect(await usageOf(mark)).toEqual([0, 5, 0]);
    expect(await usageOf(mark)).toEqual([0, 0, 5]);
  });

  it('says as much as the header x-sim-chunks wants', async () => {
    simulator.setScenario(twoKeys);
    const answer = await chat('sk-1', {}, { 'x-sim-chunks': '3000' });
    expect(await answer.json()).toMatchObject({ usage: { completion_tokens: 3_000 } });
    const stream = await (await chat('sk-1', { stream: true }, { 'x-sim-chunks': '3000' })).text();
    expect(stream.match(/^data: /gm)).toHaveLength(3_000 + 3);
  });
});

describe('the control API', () => {
  it('loads and shows a scenario, and refuses one that does not fit', async () => {
    expect(await control('PUT', 'scenario', twoKeys)).toEqual({ status: 200, body: { ok: true } });
    expect((await control('GET', 'scenario')).body).toEqual(twoKeys);
    expect(await control('PUT', 'scenario', { providers: { openai: {} } })).toEqual({
      status: 400,
      body: { error: 'scenario.providers.openai.keys: wanted a list, got nothing' },
    });
    expect((await control('GET', 'scenario')).body).toEqual(twoKeys);
  });

  it('adds, replaces and revokes keys', async () => {
    simulator.setScenario(twoKeys);
    await control('POST', 'keys', { provider: 'openai', key: 'sk-3', limits: { rpm: 0 } });
    expect((await chat('sk-3')).status).toBe(429);
    await control('POST', 'keys', { provider: 'openai', key: 'sk-3' });
    expect((await chat('sk-3')).status).toBe(200);
    await control('POST', 'revoke', { provider: 'openai', key: 'sk-3' });
    expect((await chat('sk-3')).status).toBe(401);
    expect((await control('POST', 'revoke', { provider: 'openai', key: 'nobody' })).status).toBe(400);
    expect((await control('POST', 'keys', { provider: 'nobody', key: 'x' })).status).toBe(400);
  });

  it('plans faults and takes them back', async () => {
    simulator.setScenario(twoKeys);
    const { body } = await control('POST', 'faults', { kind: 'html_502', key: 'sk-2' });
    expect([(await chat('sk-1')).status, (await chat('sk-2')).status]).toEqual([200, 502]);
    const { id } = body as { id: number };
    expect((await control('GET', 'faults')).body).toMatchObject([{ id, struck: 1 }]);
    expect((await control('DELETE', `faults/${id}`)).body).toEqual({ removed: true });
    expect((await chat('sk-2')).status).toBe(200);
    await control('POST', 'faults', { kind: 'html_502' });
    await control('DELETE', 'faults');
    expect((await chat('sk-2')).status).toBe(200);
  });

  it('shows the last request as it arrived, and the report', async () => {
    simulator.setScenario(twoKeys);
    await chat('sk-1', { odd: [1, { x: null }] }, { 'x-custom': 'yes' });
    const last = (await control('GET', 'last-request/openai')).body as { headers: object; body: string };
    expect(last).toMatchObject({ method: 'POST', url: '/openai/v1/chat/completions' });
    expect(last.headers).toMatchObject({ 'x-custom': 'yes', authorization: 'Bearer sk-1' });
    expect(last.body).toBe(JSON.stringify({ model: 'm', messages, odd: [1, { x: null }] }));
    expect((await control('GET', 'last-request')).body).toEqual({ openai: last });
    await settled();
    expect((await control('GET', 'report')).body).toMatchObject({ providers: { openai: { calls: 1 } } });
  });

  it('resets to the scenario as it was loaded', async () => {
    simulator.setScenario(twoKeys);
    simulator.revoke({ provider: 'openai', key: 'sk-1' });
    simulator.addFault({ kind: 'hang' });
    await control('POST', 'reset');
    expect((await chat('sk-1')).status).toBe(200);
    expect((await settled()).providers['openai']?.calls).toBe(1);
  });

  it('knows nothing else', async () => {
    expect((await control('GET', 'nonsense')).status).toBe(404);
  });
});

describe('a simulator', () => {
  it('refuses to start on a broken scenario', async () => {
    await expect(startSimulator({ providers: { openai: { keys: [''] } } })).rejects.toThrow(
      'scenario.providers.openai.keys[0]',
    );
  });

  it('refuses a port that is taken', async () => {
    const port = Number(new URL(simulator.url).port);
    await expect(startSimulator(twoKeys, { port })).rejects.toThrow('EADDRINUSE');
  });

  it('closes while calls are running', async () => {
    const other = await startSimulator({ ...twoKeys, faults: [{ kind: 'hang' }] });
    const answer = fetch(`${other.url}/openai/v1/models`, { headers: { authorization: 'Bearer sk-1' } });
    const broken = expect(answer).rejects.toThrow('fetch failed');
    while (other.report().providers['openai']?.inFlight !== 1) await nextTurn();
    await other.close();
    await broken;
  });
});
