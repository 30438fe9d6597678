import { describe, expect, it } from '@jest/globals';
import { nova, toConverse } from './converse.fixture.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const llama = 'meta.llama3-3-70b-instruct-v1:0';
const say = { messages: [{ role: 'user', content: 'Hi' }] };
const ask = { ...say, max_tokens: 4_000 };
const tools = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: schema } }];
const used = {
  messages: [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: 'rain' },
  ],
};

describe('what Converse has no word for is refused by its name', () => {
  it.each([
    ['seed', { ...say, seed: 1 }, nova],
    ['presence_penalty', { ...say, presence_penalty: 0.5 }, nova],
    ['frequency_penalty', { ...say, frequency_penalty: 0.5 }, nova],
    ['temperature', { ...say, temperature: 1.5 }, nova],
    ['parallel_tool_calls', { ...say, tools, parallel_tool_calls: false }, nova],
    ['reasoning_effort', { ...say, reasoning_effort: 'low' }, nova],
    ['reasoning_effort', { ...say, reasoning_effort: 'none' }, 'us.deepseek.r1-v1:0'],
    ['tools', used, nova],
    ['tool_choice', { ...used, tools, tool_choice: 'none' }, nova],
    ['response_format', { ...say, response_format: { type: 'json_object' } }, llama],
    ['response_format', { ...say, tools, response_format: { type: 'json_object' } }, nova],
    [
      'response_format',
      { ...say, reasoning_effort: 'low', response_format: { type: 'json_object' } },
      'us.amazon.nova-2-lite-v1:0',
    ],
    [
      'messages[0].content[0].image_url',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] },
        ],
      },
      nova,
    ],
    [
      'messages[0].content[0].image_url',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: 'data:image/tiff;base64,AAAA' } }],
          },
        ],
      },
      nova,
    ],
  ])('%s, case %#', (refused, request, model) => {
    expect(toConverse('openai', request, model)).toEqual({ refused });
  });

  it('and the most likely tokens where a vendor has no place for them', () => {
    expect(toConverse('anthropic', { ...ask, top_k: 5 }, llama)).toEqual({ refused: 'top_k' });
    expect(
      toConverse('gemini', { contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { topK: 5 } }, llama),
    ).toEqual({ refused: 'generationConfig.topK' });
  });
});
