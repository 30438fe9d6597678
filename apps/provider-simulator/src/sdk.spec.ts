import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Agent, setGlobalDispatcher } from 'undici';
import { startSimulator } from './index.js';
import type { Simulator } from './index.js';

const text = 'The quick brown fox jumps over the lazy dog. The ';
let simulator: Simulator;

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

beforeAll(async () => {
  simulator = await startSimulator({
    providers: {
      openai: { keys: ['sk-1'] },
      groq: { keys: ['gsk-1'] },
      mistral: { keys: ['m-1'] },
      anthropic: { keys: ['ant-1'] },
      google: { keys: ['g-1'] },
    },
  });
});
afterAll(() => simulator.close());

const openai = (path = '/openai/v1', apiKey = 'sk-1') =>
  new OpenAI({ apiKey, baseURL: simulator.url + path, maxRetries: 0 });
const anthropic = () =>
  new Anthropic({ apiKey: 'ant-1', baseURL: `${simulator.url}/anthropic`, maxRetries: 0 });
const google = () => new GoogleGenAI({ apiKey: 'g-1', httpOptions: { baseUrl: `${simulator.url}/google` } });

const messages = [{ role: 'user' as const, content: 'Say something about a fox.' }];
const weather = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
};

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}

describe('the official OpenAI SDK', () => {
  it.each([
    ['/openai/v1', 'sk-1'],
    ['/groq/openai/v1', 'gsk-1'],
    ['/groq/v1', 'gsk-1'],
    ['/mistral/v1', 'm-1'],
  ])('chats through %s with usage that adds up', async (path, key) => {
    const answer = await openai(path, key).chat.completions.create({ model: 'm', messages });
    expect(answer.choices[0]?.message.content).toBe(text);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 10, total_tokens: 18 });
  });

  it('streams without usage unless asked', async () => {
    const stream = await openai().chat.completions.create({ model: 'm', messages, stream: true });
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(text);
    expect(chunks).toHaveLength(12);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('streams null usage in every chunk and the real one after the choices with include_usage', async () => {
    const stream = await openai().chat.completions.create({
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(
      true,
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 18 } });
  });

  it('is cut short by max_tokens', async () => {
    const answer = await openai().chat.completions.create({ model: 'm', messages, max_tokens: 3 });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { content: 'The quick brown ' },
    });
    expect(answer.usage?.completion_tokens).toBe(3);
  });

  it('is given a required tool call, streamed too', async () => {
    const tools = [{ type: 'function' as const, function: weather }];
    const asked = { model: 'm', messages, tools, tool_choice: 'required' as const };
    const plain = await openai().chat.completions.create(asked);
    const streamed = await openai().chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [plain, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"text","days":1}' },
      });
    }
  });

  it('completes, plain and streamed', async () => {
    const plain = await openai().completions.create({ model: 'm', prompt: 'Once' });
    expect(plain.choices[0]?.text).toBe(text);
    const stream = await openai().completions.create({ model: 'm', prompt: 'Once', stream: true });
    expect((await collect(stream)).map((chunk) => chunk.choices[0]?.text).join('')).toBe(text);
  });

  it('responds, plain and streamed', async () => {
    const plain = await openai().responses.create({ model: 'm', input: 'Hello' });
    expect(plain.output_text).toBe(text);
    expect(plain.usage).toMatchObject({ input_tokens: 2, output_tokens: 10, total_tokens: 12 });
    const final = await openai().responses.stream({ model: 'm', input: 'Hello' }).finalResponse();
    expect(final.output_text).toBe(text);
    expect(final.usage).toEqual(plain.usage);
  });

  it('numbers the events of a response without a gap', async () => {
    const stream = await openai().responses.create({ model: 'm', input: 'Hello', stream: true });
    const events = await collect(stream);
    expect(events.map((event) => 'sequence_number' in event && event.sequence_number)).toEqual(
      events.map((_, i) => i),
    );
    expect(events.at(-1)?.type).toBe('response.completed');
  });

  it('embeds the same vector as floats and as base64', async () => {
    const input = ['one', 'two'];
    const floats = await openai().embeddings.create({ model: 'm', input, encoding_format: 'float' });
    const base64 = await openai().embeddings.create({ model: 'm', input });
    expect(base64.data).toHaveLength(2);
    expect(base64.data[1]?.embedding).toHaveLength(1536);
    expect(base64.data[1]?.embedding[7]).toBeCloseTo(floats.data[1]?.embedding[7] ?? NaN, 6);
    expect(base64.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  it('moderates, paints, speaks and hears', async () => {
    const moderation = await openai().moderations.create({ input: 'Hello' });
    expect(moderation.results[0]?.flagged).toBe(false);
    const image = await openai().images.generate({ model: 'gpt-image-1', prompt: 'A fox', n: 2 });
    expect(image.data).toHaveLength(2);
    const speech = await openai().audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello' });
    expect(Buffer.from(await speech.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfb]));
    const heard = await openai().audio.transcriptions.create({
      model: 'whisper-1',
      file: new File([Buffer.alloc(1_000)], 'a.wav'),
    });
    expect(heard.text).toBe(text);
    expect(simulator.report().recent.at(-1)?.model).toBe('whisper-1');
  });

  it('lists models', async () => {
    expect((await collect(await openai().models.list())).map((model) => model.id)).toContain('gpt-4o');
    expect((await openai().models.retrieve('gpt-4o')).id).toBe('gpt-4o');
  });
});

describe('the official Anthropic SDK', () => {
  const request = { model: 'claude', max_tokens: 100, messages };

  it('gets a message with usage', async () => {
    const answer = await anthropic().messages.create(request);
    expect(answer.content).toEqual([{ type: 'text', text }]);
    expect(answer).toMatchObject({ stop_reason: 'end_turn', usage: { input_tokens: 8, output_tokens: 10 } });
  });

  it('streams the same message', async () => {
    const final = await anthropic().messages.stream(request).finalMessage();
    expect(final).toMatchObject({
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 8, output_tokens: 10 },
    });
  });

  it('counts the tokens it would be charged', async () => {
    const { model, messages: prompt } = request;
    expect(await anthropic().messages.countTokens({ model, messages: prompt })).toEqual({ input_tokens: 8 });
  });

  it('is given a required tool call, streamed too', async () => {
    const tools = [{ name: weather.name, input_schema: { ...weather.parameters, type: 'object' as const } }];
    const asked = { ...request, tools, tool_choice: { type: 'any' as const } };
    const plain = await anthropic().messages.create(asked);
    const streamed = await anthropic().messages.stream(asked).finalMessage();
    for (const { stop_reason, content } of [plain, streamed]) {
      expect(stop_reason).toBe('tool_use');
      expect(content[0]).toMatchObject({ type: 'tool_use', input: { city: 'text', days: 1 } });
    }
  });

  it('lists models', async () => {
    expect((await collect(await anthropic().models.list())).map((model) => model.id)).toContain(
      'claude-sonnet-4-5',
    );
  });
});

describe('the official Google SDK', () => {
  const request = { model: 'gemini-2.5-flash', contents: 'Say something about a fox.' };

  it('generates content with usage', async () => {
    const answer = await google().models.generateContent(request);
    expect(answer.text).toBe(text);
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 8,
      candidatesTokenCount: 10,
      totalTokenCount: 18,
    });
  });

  it('streams the same content', async () => {
    const chunks = await collect(await google().models.generateContentStream(request));
    expect(chunks.map((chunk) => chunk.text).join('')).toBe(text);
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(18);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  });

  it('streams one JSON array without alt=sse', async () => {
    const response = await fetch(`${simulator.url}/google/v1beta/models/g:streamGenerateContent?key=g-1`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] }),
    });
    expect(await response.json()).toHaveLength(10);
  });

  it('embeds, counts tokens, lists models', async () => {
    const { model, contents } = request;
    const embedded = await google().models.embedContent({ model, contents });
    expect(embedded.embeddings?.[0]?.values).toHaveLength(768);
    expect((await google().models.countTokens({ model, contents })).totalTokens).toBe(8);
    const names = (await collect(await google().models.list())).map((each) => each.name);
    expect(names).toContain('models/gemini-2.5-flash');
  });

  it('is given a required function call', async () => {
    const answer = await google().models.generateContent({
      ...request,
      config: {
        tools: [{ functionDeclarations: [{ name: weather.name, parametersJsonSchema: weather.parameters }] }],
        toolConfig: { functionCallingConfig: { mode: 'ANY' as never } },
      },
    });
    expect(answer.functionCalls?.[0]).toMatchObject({ name: 'get_weather', args: { city: 'text', days: 1 } });
  });
});
