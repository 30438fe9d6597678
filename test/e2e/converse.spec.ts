import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

const model = 'bedrock/us.amazon.nova-pro-v1:0';
const words = 'The quick brown fox jumps over the lazy dog. The ';
const accessKey = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 's3cr3t-of-aws', region: 'eu-central-1' };
const hello = [{ role: 'user' as const, content: 'Hello' }];
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
};
const sample = { city: 'text', days: 1 };
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: {
      bedrock: {
        keys: [{ key: accessKey.accessKeyId, secret: accessKey.secretAccessKey }, 'bedrock-api-key'],
        // At a pace, so that what comes first has gone on before the rest is there.
        output: { tokens: 10, tokensPerSecond: 100 },
        promptCache: { minTokens: 10, stepTokens: 10 },
      },
    },
  });
  await gateway.addAccount('bedrock', JSON.stringify(accessKey), { name: 'signs' });
  const { url, callerKey: apiKey } = gateway;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
}, 60_000);
afterAll(() => gateway.close());
afterEach(() => gateway.simulator.clearFaults());

/** What the provider was sent last. */
const sent = () => {
  const last = gateway.simulator.lastRequest('bedrock');
  return { url: last?.url, headers: last?.headers, body: JSON.parse(last?.body ?? '{}') as unknown };
};

describe('the official OpenAI SDK on a model of Converse', () => {
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];

  it('chats, signed by Signature Version 4, with usage told and recorded', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model, messages: hello, max_tokens: 100 })
      .withResponse();
    expect(data).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: words }, finish_reason: 'stop' }],
      usage: { completion_tokens: 10, total_tokens: 10 + (data.usage?.prompt_tokens ?? NaN) },
    });
    expect(sent()).toMatchObject({
      url: '/bedrock/model/us.amazon.nova-pro-v1%3A0/converse',
      body: {
        messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
        inferenceConfig: { maxTokens: 100 },
      },
    });
    expect(sent().headers?.['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\//);
    const id = response.headers.get('x-request-id');
    const record = await until(
      async () => {
        const { body } = await gateway.admin('GET', '/usage/records?limit=500');
        return (body['data'] as Record<string, unknown>[]).find((row) => row['id'] === id);
      },
      (row) => row !== undefined,
    );
    expect(record).toMatchObject({
      operation: 'chat_completions',
      upstreamModel: 'us.amazon.nova-pro-v1:0',
      tokens: { output: 10, input: data.usage?.prompt_tokens },
    });
  });

  it('streams server-sent events out of frames; usage comes last', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model, messages: hello, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const chunks = await Array.fromAsync(data);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(words);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.usage).toMatchObject({ completion_tokens: 10 });
    expect(sent().url).toMatch(/converse-stream$/);
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

  it.each(['us.amazon.nova-pro-v1:0', 'converse/anthropic.claude-sonnet-4-5'])(
    'gets a structured answer of %s, plain and streamed',
    async (id) => {
      const json_schema = { name: 'place', schema, strict: true };
      const response_format = { type: 'json_schema' as const, json_schema };
      const asked = { model: `bedrock/${id}`, messages: hello, response_format };
      const plain = await openai.chat.completions.create(asked);
      const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
      for (const { choices } of [plain, streamed]) {
        expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual(sample);
        expect(choices[0]?.finish_reason).toBe('stop');
      }
    },
  );

  it('is told which field cannot be carried, at no cost to the account', async () => {
    const before = gateway.simulator.report().providers['bedrock']?.calls;
    await expect(openai.chat.completions.create({ model, messages: hello, seed: 7 })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'seed',
    });
    expect(gateway.simulator.report().providers['bedrock']?.calls).toBe(before);
  });

  it.each([
    [400, 400],
    [424, 502],
  ])("is told the provider's %s in its own format", async (status, told) => {
    gateway.simulator.addFault({ provider: 'bedrock', kind: 'status', status, count: 1 });
    await expect(openai.chat.completions.create({ model, messages: hello })).rejects.toMatchObject({
      status: told,
      error: { message: expect.any(String) },
    });
  });

  it.each(['error_in_stream', 'reset_mid_stream'] as const)(
    'gets an error it throws when a stream breaks after output: %s',
    async (kind) => {
      gateway.simulator.addFault({ provider: 'bedrock', kind, count: 1 });
      const stream = await openai.chat.completions.create({ model, messages: hello, stream: true });
      await expect(Array.fromAsync(stream)).rejects.toThrow('broke off');
    },
  );

  it('ends the upstream call when it goes away', async () => {
    gateway.simulator.addFault({ provider: 'bedrock', kind: 'slow_stream', delayMs: 200 });
    const stream = await openai.chat.completions.create({ model, messages: hello, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const report = await until(
      () => Promise.resolve(gateway.simulator.report().providers['bedrock']),
      (now) => now?.inFlight === 0,
    );
    expect(report?.aborted).toBeGreaterThan(0);
  });
});

describe('the official Anthropic SDK on a model of Converse', () => {
  const ask = { model, max_tokens: 100, messages: hello };
  const tools = [{ name: 'weather', input_schema: schema }];

  it('gets a message, plain and streamed, with usage', async () => {
    for (const message of [
      await anthropic.messages.create(ask),
      await anthropic.messages.stream(ask).finalMessage(),
    ]) {
      expect(message).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
      expect(message.content).toMatchObject([{ type: 'text', text: words }]);
      expect(message.usage.output_tokens).toBe(10);
      expect(message.usage.input_tokens).toBeGreaterThan(0);
    }
  });

  it('has the beginning of its prompt kept that it marks, and is told what came from there', async () => {
    const system = [
      { type: 'text' as const, text: 'Rules. '.repeat(40), cache_control: { type: 'ephemeral' as const } },
    ];
    await anthropic.messages.create({ ...ask, system });
    expect(sent().body).toMatchObject({
      system: [{ text: system[0]?.text }, { cachePoint: { type: 'default' } }],
    });
    const again = await anthropic.messages.create({ ...ask, system });
    expect(again.usage.cache_read_input_tokens).toBeGreaterThan(50);
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

  it("is told the provider's complaint, and a field that cannot be carried, in its own words", async () => {
    gateway.simulator.addFault({ provider: 'bedrock', kind: 'status', status: 400, count: 1 });
    const refused = { status: 400, error: { type: 'error', error: { type: 'invalid_request_error' } } };
    await expect(anthropic.messages.create(ask)).rejects.toMatchObject(refused);
    const image = { type: 'image' as const, source: { type: 'url' as const, url: 'https://x.test/a.png' } };
    const failure = anthropic.messages.create({ ...ask, messages: [{ role: 'user', content: [image] }] });
    await expect(failure).rejects.toMatchObject(refused);
    await expect(failure).rejects.toThrow('messages[0].content[0].source');
  });

  it('gets an error it throws when the stream breaks after output', async () => {
    gateway.simulator.addFault({ provider: 'bedrock', kind: 'error_in_stream', count: 1 });
    await expect(anthropic.messages.stream(ask).finalMessage()).rejects.toThrow('broke off');
  });
});

describe('the official Google SDK on a model of Converse', () => {
  it('generates content, plain and streamed, with usage', async () => {
    const ask = { model, contents: 'Hello' };
    const answer = await google.models.generateContent(ask);
    expect(answer.text).toBe(words);
    const chunks = await Array.fromAsync(await google.models.generateContentStream(ask));
    expect(chunks.map(({ text }) => text ?? '').join('')).toBe(words);
    expect(chunks.at(-1)?.usageMetadata).toMatchObject({ candidatesTokenCount: 10 });
  });
});

describe('accounts of Converse', () => {
  const credential = JSON.stringify({ apiKey: 'bedrock-api-key', region: 'eu-central-1' });

  it('of either kind stand in for each other, before a stream has begun', async () => {
    const id = await gateway.addAccount('bedrock', credential, { name: 'bears' });
    const struck = { provider: 'bedrock', kind: 'error_in_stream', afterChunks: 0 } as const;
    gateway.simulator.addFault({ ...struck, key: accessKey.accessKeyId });
    const { data, response } = await openai.chat.completions
      .create({ model, messages: hello, stream: true })
      .withResponse();
    const chunks = await Array.fromAsync(data);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(words);
    expect(response.headers.get('x-pool-account')).toBe(id);
    expect(sent().headers?.['authorization']).toBe('Bearer bedrock-api-key');
    await gateway.admin('DELETE', `/accounts/${id}`);
  });

  it('with a wrong secret are set aside, and the secret is told to nobody', async () => {
    const wrong = { ...accessKey, secretAccessKey: 'not-the-s3cr3t' };
    const added = await gateway.admin('POST', '/accounts', {
      provider: 'bedrock',
      name: 'wrong',
      credential: JSON.stringify(wrong),
    });
    const id = String(added.body['id']);
    const probe = await gateway.admin('POST', `/accounts/${id}/test`);
    const text = JSON.stringify([added.body, probe.body]);
    expect(text).toMatch(/authentication/);
    expect(text).not.toContain('not-the-s3cr3t');
    await gateway.admin('DELETE', `/accounts/${id}`);
  });
});
