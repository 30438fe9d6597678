import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: {
      openai: { keys: ['sk-openai-a', 'sk-openai-b'] },
      anthropic: { keys: ['sk-ant-a', 'sk-ant-b'] },
      google: { keys: ['AIza-a', 'AIza-b'] },
    },
  });
  for (const key of ['sk-openai-a', 'sk-openai-b']) await gateway.addAccount('openai', key);
  for (const key of ['sk-ant-a', 'sk-ant-b']) await gateway.addAccount('anthropic', key);
  for (const key of ['AIza-a', 'AIza-b']) await gateway.addAccount('google', key);
  const { url, callerKey: apiKey } = gateway;
  await gateway.admin('POST', '/routes', {
    name: 'fast',
    tiers: [[{ provider: 'openai', model: 'gpt-4o-mini' }]],
  });
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
});
afterAll(() => gateway.close());

const hello = [{ role: 'user' as const, content: 'Hello' }];

describe('the official OpenAI SDK, changed only in base URL and key', () => {
  it('gets a chat completion by a route name and by provider/model', async () => {
    for (const model of ['fast', 'openai/gpt-4o-mini']) {
      const answer = await openai.chat.completions.create({ model, messages: hello });
      expect(answer.choices[0]?.message.content).toEqual(expect.any(String));
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    }
  });

  it('streams, with usage only when it asked for it', async () => {
    for (const include_usage of [false, true]) {
      const options = include_usage ? { stream_options: { include_usage } } : {};
      const stream = await openai.chat.completions.create({
        model: 'fast',
        messages: hello,
        stream: true,
        ...options,
      });
      const chunks = await Array.fromAsync(stream);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).not.toBe('');
      expect(chunks.some((chunk) => chunk.usage != null)).toBe(include_usage);
      expect(chunks.some((chunk) => chunk.choices.length === 0)).toBe(include_usage);
    }
  });

  it('creates responses, plain and streamed', async () => {
    const answer = await openai.responses.create({ model: 'fast', input: 'Hello' });
    expect(answer.output_text).not.toBe('');
    const stream = await openai.responses.create({ model: 'fast', input: 'Hello', stream: true });
    const types = (await Array.fromAsync(stream)).map(({ type }) => type);
    expect(types[0]).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
  });

  it('embeds, moderates, draws, speaks and transcribes', async () => {
    const { data } = await openai.embeddings.create({
      model: 'openai/text-embedding-3-small',
      input: ['a', 'b'],
    });
    expect(data).toHaveLength(2);
    expect(
      (await openai.moderations.create({ model: 'openai/omni-moderation-latest', input: 'x' })).results,
    ).toHaveLength(1);
    expect((await openai.images.generate({ model: 'openai/gpt-image-1', prompt: 'x' })).data).toHaveLength(1);
    const speech = await openai.audio.speech.create({ model: 'openai/tts-1', voice: 'alloy', input: 'x' });
    expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(0);
    const file = new File([Buffer.alloc(64)], 'a.wav');
    const heard = await openai.audio.transcriptions.create({ model: 'openai/whisper-1', file });
    expect(heard.text).toEqual(expect.any(String));
  });

  it('lists the models of its routes', async () => {
    const ids = (await Array.fromAsync(openai.models.list())).map(({ id }) => id);
    expect(ids).toEqual(['fast']);
    expect((await openai.models.retrieve('fast')).id).toBe('fast');
  });

  it('is told in its own words what is wrong', async () => {
    const ask = (model: string, client = openai) =>
      client.chat.completions.create({ model, messages: hello });
    await expect(ask('nothing')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    const stranger = openai.withOptions({ apiKey: 'pap_live_nobody' });
    await expect(ask('fast', stranger)).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  it('sees who answered', async () => {
    const { response } = await openai.chat.completions
      .create({ model: 'fast', messages: hello })
      .withResponse();
    expect(response.headers.get('x-pool-provider')).toBe('openai');
    expect(response.headers.get('x-pool-attempts')).toBe('1');
    expect(response.headers.get('x-pool-account')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the official Anthropic SDK, changed only in base URL and key', () => {
  const ask = { model: 'anthropic/claude-sonnet-4-5', max_tokens: 32, messages: hello };

  it('gets a message, plain and streamed', async () => {
    const message = await anthropic.messages.create(ask);
    expect(message.content[0]).toMatchObject({ type: 'text' });
    const streamed = await anthropic.messages.stream(ask).finalMessage();
    expect(streamed.usage.output_tokens).toBeGreaterThan(0);
  });

  it('counts tokens', async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: ask.model, messages: hello });
    expect(input_tokens).toBeGreaterThan(0);
  });

  it('is told in its own words what is wrong', async () => {
    await expect(anthropic.messages.create({ ...ask, model: 'nothing' })).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
    });
  });
});

describe('the official Google SDK, changed only in base URL and key', () => {
  const ask = { model: 'google/gemini-2.5-flash', contents: 'Hello' };

  it('generates content, plain and streamed', async () => {
    const answer = await google.models.generateContent(ask);
    expect(answer.text).not.toBe('');
    const chunks = await Array.fromAsync(await google.models.generateContentStream(ask));
    expect(chunks.map(({ text }) => text ?? '').join('')).not.toBe('');
  });

  it('embeds and counts tokens', async () => {
    const { totalTokens } = await google.models.countTokens(ask);
    expect(totalTokens).toBeGreaterThan(0);
  });

  it('is told in its own words what is wrong', async () => {
    await expect(google.models.generateContent({ ...ask, model: 'nothing' })).rejects.toMatchObject({
      status: 404,
    });
  });
});
