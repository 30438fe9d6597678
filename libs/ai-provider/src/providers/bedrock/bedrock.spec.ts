import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import type { ModelCall } from '../../contract/model-call.js';
import { bedrock } from './index.js';

const keys = { accessKeyId: 'AKID', secretAccessKey: 's', region: 'eu-central-1' };
const credential = new Secret(JSON.stringify(keys));
const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const send = (changes: Partial<ModelCall>, baseUrl: string = bedrock.defaultBaseUrl) =>
  bedrock.request(aModelCall(changes), { baseUrl, credential, model });
const message = '{"model":"a","stream":false,"max_tokens":5,"temperature":1.0}';
const claude = {
  operation: 'messages',
  wireFormat: 'anthropic',
  body: Buffer.from(message),
  forwardHeaders: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a-1, b-2' },
} as const;

describe('a request to Bedrock', () => {
  it.each([
    ['a message', claude, `/model/${encodeURIComponent(model)}/invoke`],
    [
      'its stream',
      { ...claude, stream: true },
      `/model/${encodeURIComponent(model)}/invoke-with-response-stream`,
    ],
    ['a chat', {}, '/openai/v1/chat/completions'],
    ['a response', { operation: 'responses' } as const, '/openai/v1/responses'],
  ])('goes to the right place: %s', (_, changes, path) => {
    const origin = 'https://bedrock-runtime.eu-central-1.amazonaws.com';
    expect(send(changes)).toMatchObject({ method: 'POST', origin, path });
  });

  it('says in the body of a message what Anthropic wants in headers', () => {
    const { body, headers } = send(claude);
    expect(body?.toString()).toBe(
      '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["a-1","b-2"],"max_tokens":5,"temperature":1.0}',
    );
    expect(Object.keys(headers).filter((name) => name.startsWith('anthropic'))).toEqual([]);
  });

  it('leaves the betas that a caller put into the body', () => {
    const json = { model: 'a', anthropic_beta: ['own'] };
    expect(send({ ...claude, json, body: Buffer.from(JSON.stringify(json)) }).body?.toString()).toBe(
      '{"anthropic_version":"bedrock-2023-05-31","anthropic_beta":["own"]}',
    );
  });

  it.each([
    [bedrock.defaultBaseUrl, 'https://bedrock.eu-central-1.amazonaws.com/foundation-models'],
    [
      'https://bedrock-runtime-fips.us-east-1.amazonaws.com',
      'https://bedrock-fips.us-east-1.amazonaws.com/foundation-models',
    ],
    ['http://127.0.0.1:9000/x', 'http://127.0.0.1:9000/x/foundation-models'],
  ])('probes the control plane beside %s', (baseUrl, url) => {
    const { origin, path } = bedrock.probe({ baseUrl, credential });
    expect(origin + path).toBe(url);
  });

  it('reads the usage of either wire format', () => {
    const cached = { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 5 };
    expect(bedrock.readUsage({ type: 'message', usage: cached })).toMatchObject({
      input: 100,
      cachedInput: 90,
    });
    const usage = { prompt_tokens: 7, completion_tokens: 3 };
    expect(bedrock.readUsage({ object: 'chat.completion', usage })).toMatchObject({ input: 7, output: 3 });
  });

  const plain = 'https://bedrock-runtime.us-east-1.amazonaws.com';
  it.each([
    [plain, 'bedrock-api-key', null],
    [bedrock.defaultBaseUrl, 'bedrock-api-key', 'must be JSON with "region", or the base URL must name it'],
    [bedrock.defaultBaseUrl, '{"apiKey":"k","region":"us-east-1"}', null],
    [plain, '{"accessKeyId":"a"}', 'lacks "secretAccessKey"'],
    [plain, '{"accessKeyId":"a","secretAccessKey":"s"}', null],
    [
      'http://10.0.0.1',
      '{"accessKeyId":"a","secretAccessKey":"s"}',
      'must have a "region", as the base URL names none',
    ],
    [
      plain,
      '{"accessKeyId":"a","secretAccessKey":"s","region":"x/../y"}',
      'must have a "region" made of a-z, 0-9 and "-"',
    ],
  ])('needs the right credential at %s: %s', (baseUrl, text, fault) => {
    expect(bedrock.credentialFault(new Secret(text), baseUrl)).toBe(fault);
  });
});
