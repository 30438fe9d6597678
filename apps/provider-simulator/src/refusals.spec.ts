import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Agent, setGlobalDispatcher } from 'undici';
import { startSimulator } from './index.js';
import type { KeySpec, Simulator } from './index.js';

let nowMs: number;
let simulator: Simulator;

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

beforeAll(async () => {
  simulator = await startSimulator({ providers: {} }, { clock: { nowMs: () => nowMs } });
});
afterAll(() => simulator.close());
beforeEach(() => {
  nowMs = Date.UTC(2026, 8, 20, 12);
});

const providers = ['openai', 'groq', 'deepseek', 'anthropic', 'google'] as const;
type Name = (typeof providers)[number];

/** Every provider with one key of these properties. */
function load(key: Partial<KeySpec>, models?: string[]): void {
  const keys = [{ key: 'right-key-0123456789', ...key }];
  simulator.setScenario({
    output: { tokens: 2 },
    providers: Object.fromEntries(providers.map((name) => [name, { keys, ...(models && { models }) }])),
  });
}

const content = 'Say something about a fox.';
const messages = [{ role: 'user' as const, content }];

async function ask(name: Name, apiKey = 'right-key-0123456789', model = 'm'): Promise<unknown> {
  if (name === 'anthropic') {
    const client = new Anthropic({ apiKey, baseURL: `${simulator.url}/anthropic`, maxRetries: 0 });
    return client.messages.create({ model, max_tokens: 9, messages });
  }
  if (name === 'google') {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${simulator.url}/google` } });
    return client.models.generateContent({ model, contents: content });
  }
  const client = new OpenAI({ apiKey, baseURL: `${simulator.url}/${name}/v1`, maxRetries: 0 });
  return client.chat.completions.create({ model, messages });
}

/** The error an SDK makes of a refusal. */
async function refusal(name: Name, apiKey?: string, model?: string) {
  const error: unknown = await ask(name, apiKey, model).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof OpenAI.APIError)
    return { status: error.status, headers: error.headers, text: error.message };
  if (error instanceof Anthropic.APIError)
    return { status: error.status, headers: error.headers, text: error.message };
  if (error instanceof ApiError) return { status: error.status, headers: undefined, text: error.message };
  throw new Error(`${name} did not refuse: ${String(error)}`);
}

const expected = (rows: Record<Name, readonly [status: number, words: string]>) =>
  Object.entries(rows).map(([name, [status, words]]) => [name as Name, status, words] as const);

describe('a key that is not accepted', () => {
  const rows = expected({
    openai: [401, 'Incorrect API key provided: wrong-ke***6789'],
    groq: [401, 'Invalid API Key'],
    deepseek: [401, 'Incorrect API key provided'],
    anthropic: [401, 'invalid x-api-key'],
    google: [400, 'API_KEY_INVALID'],
  });

  it.each(rows)('is refused by %s with %d', async (name, status, words) => {
    load({});
    const { status: actual, text } = await refusal(name, 'wrong-key-0123456789');
    expect([actual, text]).toEqual([status, expect.stringContaining(words)]);
  });

  it.each(rows)('is refused by %s from its revocation on', async (name, status) => {
    load({});
    await ask(name);
    simulator.revoke({ provider: name, key: 'right-key-0123456789', afterMs: 1_000 });
    await ask(name);
    nowMs += 1_000;
    expect((await refusal(name)).status).toBe(status);
  });
});

describe('a used-up limit', () => {
  it.each(
    expected({
      openai: [429, 'Limit 1, Used 1, Requested 1. Please try again in 1m0s.'],
      groq: [429, 'on requests per minute (RPM): Limit 1, Used 1, Requested 1. Please try again in 1m0s.'],
      deepseek: [429, 'Please try again in 1m0s.'],
      anthropic: [429, 'rate limit of 1 requests per minute'],
      google: [429, 'Please retry in 60s.'],
    }),
  )('is told by %s with %d, and admits again when refilled', async (name, status, words) => {
    load({ limits: { rpm: 1 } });
    await ask(name);
    const { status: actual, text, headers } = await refusal(name);
    expect([actual, text]).toEqual([status, expect.stringContaining(words)]);
    if (headers) expect(headers.get('retry-after')).toBe('60');
    nowMs += 60_000;
    await ask(name);
  });

  it.each(
    expected({
      openai: [429, 'Request too large'],
      groq: [413, 'Request too large'],
      deepseek: [429, 'Request too large'],
      anthropic: [429, 'rate limit of 5 tokens per minute'],
      google: [429, 'limit: 5'],
    }),
  )('smaller than the call itself is told by %s with %d and no wait', async (name, status, words) => {
    load({ limits: { tpm: 5 } });
    const { status: actual, text, headers } = await refusal(name);
    expect([actual, text]).toEqual([status, expect.stringContaining(words)]);
    expect(headers?.get('retry-after') ?? null).toBeNull();
  });
});

describe('spent credit', () => {
  it.each(
    expected({
      openai: [429, 'You exceeded your current quota'],
      groq: [400, 'spend limit'],
      deepseek: [402, 'Insufficient Balance'],
      anthropic: [400, 'Your credit balance is too low'],
      google: [429, 'prepayment credits are depleted'],
    }),
  )('is told by %s with %d', async (name, status, words) => {
    load({ creditUsd: 0.000_001 });
    await ask(name);
    const { status: actual, text } = await refusal(name);
    expect([actual, text]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe('an unknown model', () => {
  it.each(providers)('is refused by %s with 404', async (name) => {
    load({}, ['m']);
    await ask(name);
    expect((await refusal(name, undefined, 'other')).status).toBe(404);
  });
});

describe('a request without a key', () => {
  it.each([
    ['openai', 401],
    ['anthropic', 401],
    ['google', 403],
  ])('is refused by %s with %d', async (name, status) => {
    load({});
    const path = { openai: 'v1/models', anthropic: 'v1/models', google: 'v1beta/models' }[name];
    expect((await fetch(`${simulator.url}/${name}/${path}`)).status).toBe(status);
  });
});

describe('a request that makes no sense', () => {
  const post = (path: string, body: string) =>
    fetch(`${simulator.url}/${path}`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer right-key-0123456789',
        'x-api-key': 'right-key-0123456789',
        'x-goog-api-key': 'right-key-0123456789',
      },
      body,
    });

  it.each([
    ['openai/v1/chat/completions', '{', 400],
    ['openai/v1/chat/completions', '[]', 400],
    ['openai/v1/chat/completions', '{"model":"m","messages":[]}', 400],
    ['openai/v1/chat/completions', '{"messages":[{"role":"user","content":"Hi"}]}', 400],
    ['openai/v1/nonsense', '{}', 404],
    ['anthropic/v1/messages', '{}', 400],
    ['google/v1beta/models/m:generateContent', '{}', 400],
    ['google/v1beta/models/m:nonsense', '{}', 404],
    ['nobody/v1/chat/completions', '{}', 404],
  ])('to %s is refused', async (path, body, status) => {
    load({});
    expect((await post(path, body)).status).toBe(status);
  });
});
