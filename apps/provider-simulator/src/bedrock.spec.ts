import { crc32 } from 'node:zlib';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from './index.js';
import type { Simulator } from './index.js';

const words = 'The quick brown fox jumps over the lazy dog. The ';
const model = 'us.amazon.nova-pro-v1:0';
const messages = [{ role: 'user', content: [{ text: 'Say something about a fox.' }] }];
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({
    providers: {
      bedrock: {
        keys: ['bedrock-api-key', { key: 'AKID', secret: 's3cr3t' }, { key: 'AKSLOW', limits: { rpm: 0 } }],
      },
    },
  });
});
afterAll(() => simulator.close());

/** Takes frames apart by the letter of their specification. */
async function framesOf(response: Response) {
  const bytes = Buffer.from(await response.arrayBuffer());
  const frames: { type: string; told: unknown }[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const length = bytes.readUInt32BE(at);
    const headerBytes = bytes.readUInt32BE(at + 4);
    expect(bytes.readUInt32BE(at + 8)).toBe(crc32(bytes.subarray(at, at + 8)));
    expect(bytes.readUInt32BE(at + length - 4)).toBe(crc32(bytes.subarray(at, at + length - 4)));
    const headers = bytes.toString('latin1', at + 12, at + 12 + headerBytes);
    const type = /:(?:event|exception)-type\x07..(\w+)/s.exec(headers)?.[1] ?? '';
    frames.push({ type, told: JSON.parse(bytes.toString('utf8', at + 12 + headerBytes, at + length - 4)) });
  }
  return frames;
}

const url = (verb: string) => `${simulator.url}/bedrock/model/${encodeURIComponent(model)}/${verb}`;
const signer = (secretAccessKey = 's3cr3t', service = 'bedrock') =>
  new AwsClient({ accessKeyId: 'AKID', secretAccessKey, region: 'us-east-1', service, retries: 0 });
const ask = (body: object, key = 'bedrock-api-key', verb = 'converse') =>
  fetch(url(verb), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('Converse', () => {
  it('answers who has an API key, and who signs by an independent signer', async () => {
    const signed = await signer().fetch(url('converse'), {
      method: 'POST',
      body: JSON.stringify({ messages }),
    });
    for (const response of [await ask({ messages }), signed]) {
      expect(await response.json()).toMatchObject({
        output: { message: { role: 'assistant', content: [{ text: words }] } },
        stopReason: 'end_turn',
        usage: { outputTokens: 10, cacheReadInputTokens: 0 },
      });
    }
  });

  it.each([
    ['a wrong secret', () => signer('other').sign(url('converse'), { method: 'POST', body: '{}' })],
    ['another service', () => signer('s3cr3t', 's3').sign(url('converse'), { method: 'POST', body: '{}' })],
    [
      'an old signature',
      () =>
        signer().sign(url('converse'), { method: 'POST', body: '{}', aws: { datetime: '20200101T000000Z' } }),
    ],
    [
      'another body',
      async () => {
        const request = await signer().sign(url('converse'), { method: 'POST', body: '{}' });
        return new Request(request.url, { method: 'POST', headers: request.headers, body: '{"a":1}' });
      },
    ],
    [
      'another path',
      async () => {
        const request = await signer().sign(url('converse'), { method: 'POST', body: '{}' });
        return new Request(url('converse-stream'), { method: 'POST', headers: request.headers, body: '{}' });
      },
    ],
    [
      'the id alone',
      () =>
        new Request(url('converse'), {
          method: 'POST',
          headers: { authorization: 'Bearer AKID' },
          body: '{}',
        }),
    ],
  ])('refuses %s', async (_, request) => {
    const response = await fetch(await request());
    expect(response.status).toBe(403);
    expect(response.headers.get('x-amzn-errortype')).toMatch(/^InvalidSignatureException/);
  });

  it.each([
    [{ messages: [] }, /empty/],
    [{ messages: [...messages, ...messages] }, /alternate/],
    [{ messages: [{ role: 'user', content: [{ text: ' ' }] }] }, /blank/],
    [
      { messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'x', content: [] } }] }] },
      /toolConfig/,
    ],
    [{ messages, inferenceConfig: { temperature: 2 } }, /temperature/],
  ])('refuses what the service refuses, case %#', async (body, message) => {
    const response = await ask(body);
    expect([response.status, response.headers.get('x-amzn-errortype')?.split(':')[0]]).toEqual([
      400,
      'ValidationException',
    ]);
    expect(await response.json()).toEqual({ message: expect.stringMatching(message) });
  });

  it('calls a function that is asked for, and cuts what is too long', async () => {
    const json = { type: 'object', properties: { city: { type: 'string' } } };
    const toolConfig = {
      tools: [{ toolSpec: { name: 'look', inputSchema: { json } } }],
      toolChoice: { any: {} },
    };
    expect(await (await ask({ messages, toolConfig })).json()).toMatchObject({
      output: { message: { content: [{ toolUse: { name: 'look', input: { city: 'text' } } }] } },
      stopReason: 'tool_use',
    });
    expect(await (await ask({ messages, inferenceConfig: { maxTokens: 2 } })).json()).toMatchObject({
      stopReason: 'max_tokens',
      usage: { outputTokens: 2 },
    });
  });

  it('streams in frames whose checksums are right', async () => {
    const response = await ask({ messages }, 'bedrock-api-key', 'converse-stream');
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    const frames = await framesOf(response);
    expect(frames.map(({ type }) => type)).toEqual([
      'messageStart',
      ...Array<string>(10).fill('contentBlockDelta'),
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(frames[1]?.told).toMatchObject({ contentBlockIndex: 0, delta: { text: 'The ' } });
  });

  it('tells an error after output as an exception', async () => {
    simulator.addFault({ provider: 'bedrock', kind: 'error_in_stream', afterChunks: 1, count: 1 });
    const response = await ask({ messages }, 'bedrock-api-key', 'converse-stream');
    expect((await framesOf(response)).map(({ type }) => type)).toEqual([
      'messageStart',
      'contentBlockDelta',
      'modelStreamErrorException',
    ]);
  });

  it('tells keys that are none, paths that are none and limits by their names', async () => {
    const typeOf = async (response: Promise<Response>) =>
      (await response).headers.get('x-amzn-errortype')?.split(':')[0];
    expect(await typeOf(ask({ messages }, 'nobody'))).toBe('UnrecognizedClientException');
    expect(await typeOf(fetch(url('converse'), { method: 'POST' }))).toBe(
      'MissingAuthenticationTokenException',
    );
    expect(await typeOf(ask({ messages }, 'bedrock-api-key', 'chat'))).toBe('UnknownOperationException');
    expect(await typeOf(ask({ messages }, 'AKSLOW'))).toBe('ThrottlingException');
  });

  it('lists its models, at no cost', async () => {
    const headers = { authorization: 'Bearer bedrock-api-key' };
    const response = await fetch(`${simulator.url}/bedrock/foundation-models`, { headers });
    expect(await response.json()).toMatchObject({
      modelSummaries: [{ modelId: 'amazon.nova-pro-v1:0' }, {}, {}],
    });
  });
});
