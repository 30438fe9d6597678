import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

const keys: Readonly<Record<string, string>> = { openai: 'sk-openai', anthropic: 'sk-ant', google: 'AIza' };
const models: Readonly<Record<string, string>> = {
  openai: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  google: 'gemini-2.5-flash',
};
const words = 'The quick brown fox jumps over the lazy dog. The ';
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  const output = { tokens: 10 };
  gateway = await startTestGateway({
    providers: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, { keys: [key], output }])),
  });
  const tiers: object[][] = [];
  for (const [provider, key] of Object.entries(keys)) {
    await gateway.addAccount(provider, key);
    const target = { provider, model: models[provider] };
    tiers.push([target]);
    await gateway.admin('POST', '/routes', { name: `only-${provider}`, tiers: [[target]] });
  }
  await gateway.admin('POST', '/routes', { name: 'chain', tiers });
  const { url, callerKey: apiKey } = gateway;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
}, 60_000);
afterAll(() => gateway.close());
afterEach(() => gateway.simulator.clearFaults());

const hello = [{ role: 'user' as const, content: 'Hello' }];
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const sample = { city: 'text', days: 1 };

/** The usage record of a call. */
const usageOf = (requestId: string | null | undefined): Promise<Record<string, unknown> | undefined> =>
  until(
    async () => {
      const { body } = await gateway.admin('GET', '/usage/records?limit=500');
      const rows = body['data'] as Record<string, unknown>[];
      return rows.find(({ id }) => id === requestId);
    },
    (record) => record !== undefined,
  );

describe.each(['anthropic', 'google'])('the official OpenAI SDK on a route to %s alone', (provider) => {
  const model = `only-${provider}`;
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];

  it('chats, with the usage of the provider', async () => {
    const { data: answer, response } = await openai.chat.completions
      .create({ model, messages: hello })
      .withResponse();
    expect(answer.choices[0]).toMatchObject({
      message: { role: 'assistant', content: words },
      finish_reason: 'stop',
    });
    expect(answer.object).toBe('chat.completion');
    expect(answer.usage).toMatchObject({ completion_tokens: 10, total_tokens: expect.any(Number) });
    expect(await usageOf(response.headers.get('x-request-id'))).toMatchObject({
      status: 200,
      operation: 'chat_completions',
      upstreamModel: models[provider],
      tokens: { output: 10, input: answer.usage?.prompt_tokens },
    });
  });

  it.each([true, false])('streams; usage asked for: %p', async (include_usage) => {
    const stream_options = { include_usage };
    const asked = { model, messages: hello, stream: true as const, stream_options };
    const chunks = await Array.fromAsync(await openai.chat.completions.create(asked));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(words);
    expect(chunks.at(include_usage ? -2 : -1)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.filter((chunk) => chunk.usage != null)).toHaveLength(include_usage ? 1 : 0);
  });

  it('is given a required tool call, plain and streamed, and goes on with its result', async () => {
    const asked = { model, messages: hello, tools, tool_choice: 'required' as const };
    const plain = await openai.chat.completions.create(asked);
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    for (const { choices } of [plain, streamed]) {
      const call = choices[0]?.message.tool_calls?.[0];
      if (call?.type !== 'function') throw new Error('no function is called');
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect([call.function.name, JSON.parse(call.function.arguments)]).toEqual(['weather', sample]);
      const result = { role: 'tool' as const, tool_call_id: call.id, content: '17 degrees' };
      const messages = [...hello, choices[0]!.message, result];
      const next = await openai.chat.completions.create({ model, messages, tools });
      expect(next.choices[0]?.message.content).toBe(words);
    }
  });

  it('gets a structured answer, by schema and as any JSON', async () => {
    const json_schema = { name: 'place', schema, strict: true };
    const formats = [{ type: 'json_schema' as const, json_schema }, { type: 'json_object' as const }];
    const answers = [];
    for (const response_format of formats) {
      const answer = await openai.chat.completions.create({ model, messages: hello, response_format });
      answers.push(JSON.parse(answer.choices[0]?.message.content ?? ''));
    }
    expect(answers).toEqual([sample, {}]);
  });

  it("is told the provider's complaint in its own words", async () => {
    gateway.simulator.addFault({ provider, kind: 'status', status: 400, count: 1 });
    await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      error: { message: expect.any(String) },
    });
  });

  it('is told which field cannot be carried, at no cost to the account', async () => {
    const before = gateway.simulator.report().providers[provider]?.calls;
    const error: unknown = await openai.chat.completions
      .create({ model, messages: hello, n: 2 })
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof OpenAI.APIError)) throw new Error('it was not refused');
    expect(error).toMatchObject({ status: 400, code: 'invalid_request', param: 'n' });
    expect(gateway.simulator.report().providers[provider]?.calls).toBe(before);
    expect(await usageOf(error.requestID)).toMatchObject({ status: 400, attempts: [] });
  });

  it('gets an error it throws when the stream breaks after output', async () => {
    gateway.simulator.addFault({ provider, kind: 'reset_mid_stream' });
    const stream = await openai.chat.completions.create({ model, messages: hello, stream: true });
    await expect(Array.fromAsync(stream)).rejects.toThrow('broke off');
  });

  it('ends the upstream call when it goes away', async () => {
    gateway.simulator.addFault({ provider, kind: 'slow_stream', delayMs: 200 });
    const stream = await openai.chat.completions.create({ model, messages: hello, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await until(
      () => Promise.resolve(gateway.simulator.report().providers[provider]),
      (report) => report?.inFlight === 0,
    );
    expect(gateway.simulator.report().providers[provider]?.aborted).toBeGreaterThan(0);
  });
});

describe.each(['openai', 'google'])('the official Anthropic SDK on a route to %s alone', (provider) => {
  const model = `only-${provider}`;
  const ask = { model, max_tokens: 100, messages: hello };
  const tools = [{ name: 'weather', input_schema: schema }];

  it('gets a message, plain and streamed, with usage', async () => {
    for (const message of [
      await anthropic.messages.create(ask),
      await anthropic.messages.stream(ask).finalMessage(),
    ]) {
      expect(message).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
      expect(message.content).toMatchObject([{ type: 'text', text: words }]);
      expect(message.usage).toMatchObject({ output_tokens: 10, input_tokens: expect.any(Number) });
      expect(message.usage.input_tokens).toBeGreaterThan(0);
    }
  });

  it('is given a required tool call, plain and streamed, and goes on with its result', async () => {
    const asked = { ...ask, tools, tool_choice: { type: 'any' as const } };
    for (const message of [
      await anthropic.messages.create(asked),
      await anthropic.messages.stream(asked).finalMessage(),
    ]) {
      expect(message.stop_reason).toBe('tool_use');
      const [block] = message.content;
      if (block?.type !== 'tool_use') throw new Error('no tool is used');
      expect(block).toMatchObject({ name: 'weather', input: sample });
      const result = { type: 'tool_result' as const, tool_use_id: block.id, content: '17 degrees' };
      const messages = [
        ...hello,
        { role: 'assistant' as const, content: message.content },
        { role: 'user' as const, content: [result] },
      ];
      const next = await anthropic.messages.create({ ...ask, messages, tools });
      expect(next.content).toMatchObject([{ type: 'text', text: words }]);
    }
  });

  it('gets a structured answer', async () => {
    const output_config = { format: { type: 'json_schema' as const, schema } };
    const message = await anthropic.messages.create({ ...ask, output_config });
    const [block] = message.content;
    expect(block?.type === 'text' && JSON.parse(block.text)).toEqual(sample);
  });

  it("is told the provider's complaint, and a field that cannot be carried, in its own words", async () => {
    gateway.simulator.addFault({ provider, kind: 'status', status: 400, count: 1 });
    const refused = { status: 400, error: { type: 'error', error: { type: 'invalid_request_error' } } };
    await expect(anthropic.messages.create(ask)).rejects.toMatchObject(refused);
    const search = { type: 'web_search_20250305' as const, name: 'web_search' as const };
    const failure = anthropic.messages.create({ ...ask, tools: [search] });
    await expect(failure).rejects.toMatchObject(refused);
    await expect(failure).rejects.toThrow('tools[0].type');
  });

  it('gets an error it throws when the stream breaks after output', async () => {
    gateway.simulator.addFault({ provider, kind: 'reset_mid_stream' });
    await expect(anthropic.messages.stream(ask).finalMessage()).rejects.toThrow('broke off');
  });
});

describe.each(['openai', 'anthropic'])('the official Google SDK on a route to %s alone', (provider) => {
  const ask = { model: `only-${provider}`, contents: 'Hello' };
  const functionDeclarations = [{ name: 'weather', parametersJsonSchema: schema }];

  it('generates content, plain and streamed, with usage', async () => {
    const answer = await google.models.generateContent(ask);
    expect(answer.text).toBe(words);
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.usageMetadata).toMatchObject({ candidatesTokenCount: 10 });
    const chunks = await Array.fromAsync(await google.models.generateContentStream(ask));
    expect(chunks.map(({ text }) => text ?? '').join('')).toBe(words);
    expect(chunks.at(-1)?.usageMetadata).toEqual(answer.usageMetadata);
  });

  it('is given a required function call, plain and streamed, and goes on with its result', async () => {
    const config = {
      tools: [{ functionDeclarations }],
      toolConfig: { functionCallingConfig: { mode: 'ANY' as never } },
    };
    const plain = await google.models.generateContent({ ...ask, config });
    const chunks = await Array.fromAsync(await google.models.generateContentStream({ ...ask, config }));
    const called = chunks.find(({ functionCalls }) => functionCalls !== undefined) ?? plain;
    for (const answer of [plain, called]) {
      expect(answer.functionCalls).toMatchObject([{ name: 'weather', args: sample }]);
      const { id = '', name = '' } = answer.functionCalls?.[0] ?? {};
      const response = { output: '17 degrees' };
      const contents = [
        { role: 'user', parts: [{ text: 'Hello' }] },
        answer.candidates?.[0]?.content ?? {},
        { role: 'user', parts: [{ functionResponse: { id, name, response } }] },
      ];
      const next = await google.models.generateContent({ ...ask, contents });
      expect(next.text).toBe(words);
    }
  });

  it('gets a structured answer', async () => {
    const config = { responseMimeType: 'application/json', responseJsonSchema: schema };
    const answer = await google.models.generateContent({ ...ask, config });
    expect(JSON.parse(answer.text ?? '')).toEqual(sample);
  });

  it("is told the provider's complaint, and a field that cannot be carried, in its own words", async () => {
    gateway.simulator.addFault({ provider, kind: 'status', status: 400, count: 1 });
    await expect(google.models.generateContent(ask)).rejects.toMatchObject({ status: 400 });
    const fileData = { fileUri: 'gs://bucket/x', mimeType: 'text/plain' };
    const contents = [{ role: 'user', parts: [{ fileData }] }];
    const failure = google.models.generateContent({ ...ask, contents });
    await expect(failure).rejects.toMatchObject({ status: 400 });
    await expect(failure).rejects.toThrow('contents[0].parts[0].fileData');
  });

  it('is told that a cache is not there, which no provider of the route could have', async () => {
    const failure = google.models.generateContent({ ...ask, config: { cachedContent: 'cachedContents/x' } });
    await expect(failure).rejects.toMatchObject({ status: 404 });
    await expect(failure).rejects.toThrow("There is no cached content 'x'.");
  });
});

describe('a chain of providers of three protocols', () => {
  const broken = (provider: string) => gateway.simulator.addFault({ provider, kind: 'status', status: 503 });

  it.each([
    [['openai'], 'anthropic'],
    [['openai', 'anthropic'], 'google'],
  ] as const)('with %p down, %s answers, plain and streamed', async (down, provider) => {
    for (const each of down) broken(each);
    const asked = { model: 'chain', messages: hello };
    const { data, response } = await openai.chat.completions.create(asked).withResponse();
    expect(data.choices[0]?.message.content).toBe(words);
    expect(response.headers.get('x-pool-provider')).toBe(provider);
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe(words);
  });

  it('passes over a target that cannot be told the call', async () => {
    broken('openai');
    const asked = { model: 'chain', messages: hello, seed: 7 };
    const { response } = await openai.chat.completions.create(asked).withResponse();
    expect(response.headers.get('x-pool-provider')).toBe('google');
  });
});
