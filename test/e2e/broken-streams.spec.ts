import { connect } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { FaultEffect } from '../../apps/provider-simulator/src/index.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

interface UsageRecord {
  readonly status: number;
  readonly attempts: readonly { readonly status: number | null; readonly class: string | null }[];
  readonly tokens: { readonly input: number; readonly output: number };
  readonly tags: Readonly<Record<string, string>>;
}

const providers = ['openai', 'anthropic', 'google', 'flood'] as const;
type Provider = (typeof providers)[number];
const limits = { maxConcurrency: 8 };
const keysOf = (provider: Provider): string[] => [1, 2, 3, 4, 5, 6].map((at) => `sk-${provider}-${at}`);
const paced = { tokens: 10, tokensPerSecond: 200 };
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  gateway = await startTestGateway(
    {
      providers: {
        openai: { keys: keysOf('openai'), output: paced },
        anthropic: { keys: keysOf('anthropic'), output: paced },
        google: { keys: keysOf('google'), output: paced },
        // Far more than the buffers between two sockets hold.
        flood: { dialect: 'openai', keys: keysOf('flood'), output: { tokens: 100_000 } },
      },
    },
    {
      UPSTREAM_FIRST_BYTE_TIMEOUT_MS: '1500',
      UPSTREAM_IDLE_TIMEOUT_MS: '1500',
      CLIENT_STALL_TIMEOUT_MS: '500',
    },
  );
  const baseUrl = `${gateway.simulator.url}/flood/v1`;
  await gateway.admin('POST', '/providers', { name: 'flood', kind: 'openai', baseUrl });
  for (const provider of providers)
    for (const key of keysOf(provider)) await gateway.addAccount(provider, key, { limits });
  const { url, callerKey: apiKey } = gateway;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
});
afterAll(() => gateway.close());

const messages = [{ role: 'user' as const, content: 'Hello' }];
const tagged = (name: string) => ({ 'x-pool-tags': `case=${name}` });

/** A streamed call by an official SDK: says every text it gets, and throws what the SDK throws. */
interface Client {
  readonly name: string;
  readonly provider: Provider;
  stream(tag: string, signal?: AbortSignal): AsyncGenerator<string, void, void>;
}

const clients: readonly Client[] = [
  {
    name: 'OpenAI chat',
    provider: 'openai',
    async *stream(tag, signal) {
      const body = { model: 'openai/gpt-4o-mini', messages, stream: true as const };
      const options = { headers: tagged(tag), ...(signal && { signal }) };
      for await (const chunk of await openai.chat.completions.create(body, options))
        yield chunk.choices[0]?.delta.content ?? '';
    },
  },
  {
    name: 'OpenAI responses',
    provider: 'openai',
    async *stream(tag, signal) {
      const body = { model: 'openai/gpt-4o-mini', input: 'Hello', stream: true as const };
      const options = { headers: tagged(tag), ...(signal && { signal }) };
      for await (const event of await openai.responses.create(body, options))
        yield event.type === 'response.output_text.delta' ? event.delta : '';
    },
  },
  {
    name: 'Anthropic',
    provider: 'anthropic',
    async *stream(tag, signal) {
      const body = { model: 'anthropic/claude-haiku-4-5', messages, max_tokens: 100, stream: true as const };
      const options = { headers: tagged(tag), ...(signal && { signal }) };
      for await (const event of await anthropic.messages.create(body, options))
        yield event.type === 'content_block_delta' && event.delta.type === 'text_delta'
          ? event.delta.text
          : '';
    },
  },
  {
    name: 'Gemini',
    provider: 'google',
    async *stream(tag, signal) {
      const config = { httpOptions: { headers: tagged(tag) }, ...(signal && { abortSignal: signal }) };
      const body = { model: 'google/gemini-2.5-flash', contents: 'Hello', config };
      for await (const chunk of await google.models.generateContentStream(body)) yield chunk.text ?? '';
    },
  },
];

/** Reads a stream to its end, or to what the SDK throws. */
async function read(stream: AsyncIterable<string>): Promise<{ text: string; error: unknown }> {
  let text = '';
  try {
    for await (const piece of stream) text += piece;
    return { text, error: null };
  } catch (error) {
    return { text, error };
  }
}

/** The one record of the call with this tag; it reaches the ledger within a second or so. */
async function recordOf(tag: string): Promise<UsageRecord> {
  const look = async (): Promise<UsageRecord[]> => {
    const { body } = await gateway.admin('GET', '/usage/records?limit=500');
    // Whoever asks too often is told so, and asks again.
    return ((body['data'] ?? []) as UsageRecord[]).filter(({ tags }) => tags['case'] === tag);
  };
  const [record, ...more] = await until(look, (records) => records.length > 0);
  expect(more).toHaveLength(0);
  if (record === undefined) throw new Error('no record');
  return record;
}

/** Waits until neither the provider nor the pool has a call under way. */
async function untilIdle(provider: Provider): Promise<void> {
  const look = async (): Promise<unknown> => {
    const { status, body } = await gateway.admin('GET', `/pools/${provider}`);
    if (status !== 200) return false;
    const { concurrency } = body['capacity'] as { concurrency: { limit: number; remaining: number } };
    const inFlight = gateway.simulator.report().providers[provider]?.inFlight;
    return inFlight === 0 && concurrency.limit === concurrency.remaining;
  };
  await until(look, (isIdle) => isIdle === true);
}

const callsOf = (provider: Provider): number => gateway.simulator.report().providers[provider]?.calls ?? 0;
let lastTag = 0;
const nextTag = (): string => `t${(lastTag += 1)}`;

describe.each(clients)('the official client of $name', ({ provider, stream }) => {
  it.each<[FaultEffect, string]>([
    [{ kind: 'reset_mid_stream' }, 'transport'],
    [{ kind: 'hang_mid_stream' }, 'timeout'],
    [{ kind: 'error_in_stream' }, ''],
  ])('throws when a stream breaks after output, which is not sent twice: %j', async (fault, failure) => {
    const tag = nextTag();
    const before = callsOf(provider);
    gateway.simulator.addFault({ provider, ...fault, count: 1 });
    const { text, error } = await read(stream(tag));
    expect(text).not.toBe('');
    expect(String(error)).toContain('The provider broke off the stream.');
    const { status, attempts, tokens } = await recordOf(tag);
    expect(status).toBe(200);
    expect(attempts).toEqual([
      expect.objectContaining({ status: 200, class: failure === '' ? expect.any(String) : failure }),
    ]);
    expect(tokens.input).toBeGreaterThan(0);
    expect(tokens.output).toBeGreaterThan(0);
    await untilIdle(provider);
    expect(callsOf(provider)).toBe(before + 1);
  });

  it.each<FaultEffect>([
    { kind: 'reset_before_headers' },
    { kind: 'hang' },
    { kind: 'slow_first_byte', delayMs: 5_000 },
    { kind: 'error_in_stream', afterChunks: 0 },
    { kind: 'html_502' },
  ])('sees nothing of what breaks before output: %j', async (fault) => {
    const tag = nextTag();
    gateway.simulator.addFault({ provider, ...fault, count: 1 });
    const { text, error } = await read(stream(tag));
    expect({ error, words: text.split(' ').length > 1 }).toEqual({ error: null, words: true });
    const { status, attempts } = await recordOf(tag);
    expect(status).toBe(200);
    expect(attempts).toEqual([
      expect.objectContaining({ class: expect.any(String) }),
      expect.objectContaining({ status: 200, class: null }),
    ]);
    await untilIdle(provider);
  });

  it('gets a stream that is announced as something else', async () => {
    const tag = nextTag();
    gateway.simulator.addFault({ provider, kind: 'wrong_content_type', count: 1 });
    const { text, error } = await read(stream(tag));
    expect({ error, words: text.split(' ').length > 1 }).toEqual({ error: null, words: true });
    expect((await recordOf(tag)).attempts).toHaveLength(1);
    await untilIdle(provider);
  });

  it('goes away: the provider is told, the slot is free, and what was written is recorded', async () => {
    const tag = nextTag();
    gateway.simulator.addFault({ provider, kind: 'slow_stream', delayMs: 100, count: 1 });
    const gone = new AbortController();
    await read(
      (async function* () {
        for await (const piece of stream(tag, gone.signal)) {
          yield piece;
          if (piece !== '') gone.abort();
        }
      })(),
    );
    const { status, attempts, tokens } = await recordOf(tag);
    expect({ status, classes: attempts.map((attempt) => attempt.class) }).toEqual({
      status: 499,
      classes: ['aborted'],
    });
    expect(tokens.input).toBeGreaterThan(0);
    expect(tokens.output).toBeGreaterThan(0);
    await untilIdle(provider);
    const last = gateway.simulator.report().recent.at(-1);
    expect(last).toMatchObject({ provider, aborted: true });
  });
});

describe('a plain call', () => {
  it.each<[FaultEffect, number]>([
    [{ kind: 'reset_mid_body' }, 2],
    [{ kind: 'truncated_json' }, 2],
    [{ kind: 'wrong_content_type' }, 1],
  ])('whose body is spoilt is answered all the same: %j', async (fault, attempts) => {
    const tag = nextTag();
    gateway.simulator.addFault({ provider: 'openai', ...fault, count: 1 });
    const body = { model: 'openai/gpt-4o-mini', messages };
    const answer = await openai.chat.completions.create(body, { headers: tagged(tag) });
    expect(answer.choices).toHaveLength(1);
    const record = await recordOf(tag);
    expect(record).toMatchObject({ status: 200, tokens: { output: 10 } });
    expect(record.attempts).toHaveLength(attempts);
    await untilIdle('openai');
  });
});

describe('a stream that outlives its deadline', () => {
  it('ends with an error that says so, and blames nobody', async () => {
    const tag = nextTag();
    gateway.simulator.addFault({ provider: 'openai', kind: 'slow_stream', delayMs: 1_000, count: 1 });
    const body = { model: 'openai/gpt-4o-mini', messages, stream: true as const };
    const headers = { ...tagged(tag), 'x-pool-timeout-ms': '3000' };
    const chunks = await openai.chat.completions.create(body, { headers });
    await expect(Array.fromAsync(chunks)).rejects.toMatchObject({ code: 'upstream_timeout' });
    const { status, attempts } = await recordOf(tag);
    expect({ status, classes: attempts.map((attempt) => attempt.class) }).toEqual({
      status: 200,
      classes: ['aborted'],
    });
    await untilIdle('openai');
  });
});

describe('a client that takes nothing of its stream', () => {
  it('is cut off, so that it holds no slot, and others are served meanwhile', async () => {
    const tag = nextTag();
    const body = JSON.stringify({ model: 'flood/gpt-4o-mini', messages, stream: true });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.on('error', () => undefined).pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.callerKey}\r\n` +
        `x-pool-tags: case=${tag}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const [chat] = clients;
    const other = await read(chat?.stream(nextTag()) ?? (async function* () {})());
    expect(other.error).toBeNull();
    const { status, attempts, tokens } = await recordOf(tag);
    expect({ status, classes: attempts.map((attempt) => attempt.class) }).toEqual({
      status: 499,
      classes: ['aborted'],
    });
    expect(tokens.output).toBeGreaterThan(0);
    await untilIdle('flood');
    expect(gateway.simulator.report().providers['flood']?.tokens.output).toBeLessThan(100_000);
    socket.destroy();
  });
});
