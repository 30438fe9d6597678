import { describe, expect, it } from '@jest/globals';
import { translated } from '../../../../test/support/translations.js';

const say = { messages: [{ role: 'user', content: 'Hi' }] };
const ask = { ...say, max_tokens: 4_000 };
const speak = { contents: [{ parts: [{ text: 'Hi' }] }] };
const asked = (content: readonly object[]) => ({ max_tokens: 9, messages: [{ role: 'user', content }] });
const spoken = (part: object) => ({ contents: [{ parts: [part] }] });
const config = (generationConfig: object) => ({ ...speak, generationConfig });
const tool = { type: 'function', function: { name: 'look' } };

describe('a field that cannot be carried is refused by its name: OpenAI', () => {
  it.each([
    ['n', { ...say, n: 2 }],
    ['logprobs', { ...say, logprobs: true }],
    ['top_logprobs', { ...say, top_logprobs: 3 }],
    ['logit_bias', { ...say, logit_bias: { 50256: -100 } }],
    ['seed', { ...say, seed: 1 }],
    ['presence_penalty', { ...say, presence_penalty: 0.5 }],
    ['frequency_penalty', { ...say, frequency_penalty: 0.5 }],
    ['temperature', { ...say, temperature: 1.5 }],
    ['temperature', { ...say, temperature: 'hot' }],
    ['modalities', { ...say, modalities: ['text', 'audio'] }],
    ['audio', { ...say, audio: { voice: 'alloy', format: 'wav' } }],
    ['store', { ...say, store: true }],
    ['service_tier', { ...say, service_tier: 'flex' }],
    ['verbosity', { ...say, verbosity: 'low' }],
    ['web_search_options', { ...say, web_search_options: {} }],
    ['functions', { ...say, functions: [] }],
    ['brand_new', { ...say, brand_new: 1 }],
    ['tools[0].type', { ...say, tools: [{ type: 'custom', custom: { name: 'x' } }] }],
    ['tools[0].function.brand_new', { ...say, tools: [{ ...tool, function: { name: 'x', brand_new: 1 } }] }],
    ['tool_choice', { ...say, tools: [tool], tool_choice: { type: 'allowed_tools' } }],
    ['response_format', { ...say, tools: [tool], response_format: { type: 'json_object' } }],
    ['reasoning_effort', { ...say, tools: [tool], tool_choice: 'required', reasoning_effort: 'high' }],
    ['reasoning_effort', { ...say, reasoning_effort: 'high', max_tokens: 500 }],
    ['messages', { messages: [] }],
    ['messages', { messages: [...say.messages, { role: 'assistant', content: 'Well' }] }],
    ['messages[0].name', { messages: [{ role: 'user', name: 'bob', content: 'Hi' }] }],
    ['messages[0].role', { messages: [{ role: 'function', name: 'x', content: '' }] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', tool_call_id: 'x', content: '' }] }],
    ['messages[0].content[0].type', asked([{ type: 'input_audio', input_audio: {} }])],
    ['messages[0].content[0].file.file_id', asked([{ type: 'file', file: { file_id: 'file-1' } }])],
    ['messages[0].content[0].image_url', asked([{ type: 'image_url', image_url: { url: 'file:///etc/x' } }])],
    [
      'messages[0].content[0].image_url',
      asked([{ type: 'image_url', image_url: { url: 'data:image/tiff;base64,AAAA' } }]),
    ],
  ])('%s, case %#', (refused, request) => {
    expect(translated('openai', request, 'anthropic', 'claude-sonnet-4-5')).toEqual({ refused });
  });

  it.each([
    ['parallel_tool_calls', { ...say, tools: [tool], parallel_tool_calls: false }],
    [
      'messages[0].content[0].image_url',
      asked([{ type: 'image_url', image_url: { url: 'https://x.test/' } }]),
    ],
  ])('%s, to Gemini', (refused, request) => {
    expect(translated('openai', request, 'gemini')).toEqual({ refused });
  });
});

describe('a field that cannot be carried is refused by its name: Anthropic', () => {
  it.each([
    ['top_k', { ...ask, top_k: 5 }],
    ['container', { ...ask, container: 'c' }],
    ['mcp_servers', { ...ask, mcp_servers: [{}] }],
    ['context_management', { ...ask, context_management: {} }],
    ['inference_geo', { ...ask, inference_geo: 'eu' }],
    ['tools[0].type', { ...ask, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools[0].input_examples', { ...ask, tools: [{ name: 'x', input_schema: {}, input_examples: [{}] }] }],
    ['messages', { ...ask, messages: [...say.messages, { role: 'assistant', content: '{' }] }],
    ['messages[0].content[0].type', asked([{ type: 'search_result', source: '', title: '', content: [] }])],
    ['messages[0].content[0].source', asked([{ type: 'image', source: { type: 'file', file_id: 'f' } }])],
    ['messages[0].content[0].citations', asked([{ type: 'text', text: 'x', citations: [{}] }])],
    ['thinking.type', { ...ask, thinking: { type: 'between_tools' } }],
    ['system[0].type', { ...ask, system: [{ type: 'image' }] }],
  ])('%s, case %#', (refused, request) => {
    expect(translated('anthropic', request, 'openai')).toEqual({ refused });
  });

  it('an image in the result of a tool', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    const result = { type: 'tool_result', tool_use_id: 'a', content: [image] };
    const used = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'x', input: {} }] };
    const request = { ...ask, messages: [...say.messages, used, { role: 'user', content: [result] }] };
    for (const to of ['openai', 'gemini'] as const) {
      expect(translated('anthropic', request, to)).toEqual({
        refused: 'messages[2].content[0].content[0].source',
      });
    }
  });
});

describe('a field that cannot be carried is refused by its name: Gemini', () => {
  it.each([
    ['cachedContent', { ...speak, cachedContent: 'cachedContents/x' }],
    ['tools[0].googleSearch', { ...speak, tools: [{ googleSearch: {} }] }],
    ['tools[0].code_execution', { ...speak, tools: [{ code_execution: {} }] }],
    ['safetySettings[0].threshold', { ...speak, safetySettings: [{ threshold: 'BLOCK_LOW_AND_ABOVE' }] }],
    ['generationConfig.topK', config({ topK: 5 })],
    ['generationConfig.candidateCount', config({ candidateCount: 2 })],
    ['generationConfig.responseModalities', config({ responseModalities: ['TEXT', 'IMAGE'] })],
    ['generationConfig.responseLogprobs', config({ responseLogprobs: true })],
    ['generationConfig.responseMimeType', config({ responseMimeType: 'text/x.enum' })],
    ['generationConfig.speechConfig', config({ speechConfig: {} })],
    ['contents', { contents: [] }],
    ['contents[0].role', { contents: [{ role: 'tool', parts: [] }] }],
    ['contents[0].parts[0].fileData', spoken({ fileData: { fileUri: 'gs://x' } })],
    ['contents[0].parts[0].executableCode', spoken({ executableCode: {} })],
    ['contents[0].parts[0].inlineData', spoken({ inlineData: { mimeType: 'audio/wav', data: 'AAAA' } })],
    ['contents[0].parts[0].functionResponse', spoken({ functionResponse: { name: 'x', response: {} } })],
    [
      'toolConfig.functionCallingConfig.allowedFunctionNames',
      { ...speak, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['a', 'b'] } } },
    ],
  ])('%s, case %#', (refused, request) => {
    expect(translated('gemini', request, 'openai')).toEqual({ refused });
  });
});

describe('fields that change no answer are left out', () => {
  it.each([
    [
      'openai',
      {
        ...say,
        user: 'u',
        metadata: { a: 'b' },
        store: false,
        n: 1,
        prompt_cache_key: 'k',
        logprobs: false,
        logit_bias: null,
      },
      { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
    ],
    [
      'anthropic',
      {
        ...say,
        metadata: { user_id: 'u' },
        service_tier: 'auto',
        system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
      },
      {
        systemInstruction: { parts: [{ text: 'S' }] },
        contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      },
    ],
  ] as const)('%s', (from, request, expected) => {
    expect(translated(from, request, 'gemini')).toEqual(expected);
  });
});

it('a body nested without end is refused, not thrown', () => {
  const deep = `${'{"properties":{"a":'.repeat(200_000)}{}${'}}'.repeat(200_000)}`;
  const json_schema = { name: 'x', schema: JSON.parse(deep) as object };
  const request = { ...say, response_format: { type: 'json_schema', json_schema } };
  expect(translated('openai', request, 'anthropic')).toEqual({ refused: 'body' });
});
