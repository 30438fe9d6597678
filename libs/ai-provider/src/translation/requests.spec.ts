import { describe, expect, it } from '@jest/globals';
import { translated } from '../../../../test/support/translations.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const png = 'iVBORw0KGgo=';

/** The same conversation, as each wire format has it. */
const openai = {
  model: 'alias',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Where is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      ],
    },
    {
      role: 'assistant',
      content: 'Let me see.',
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Paris"}' } },
        { id: 'call_2', type: 'function', function: { name: 'look', arguments: '{"city":"Rome"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'It rains.' },
    { role: 'tool', tool_call_id: 'call_2', content: 'The sun shines.' },
    { role: 'user', content: 'And now?' },
  ],
  max_completion_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ['END'],
  tools: [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: schema } }],
  tool_choice: 'required',
};
const anthropic = {
  model: 'alias',
  system: 'Be brief.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Where is this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', id: 'call_1', name: 'look', input: { city: 'Paris' } },
        { type: 'tool_use', id: 'call_2', name: 'look', input: { city: 'Rome' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_1', content: 'It rains.' },
        { type: 'tool_result', tool_use_id: 'call_2', content: 'The sun shines.' },
        { type: 'text', text: 'And now?' },
      ],
    },
  ],
  max_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop_sequences: ['END'],
  tools: [{ name: 'look', description: 'Looks.', input_schema: schema }],
  tool_choice: { type: 'any' },
};
const gemini = {
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  contents: [
    {
      role: 'user',
      parts: [{ text: 'Where is this?' }, { inlineData: { mimeType: 'image/png', data: png } }],
    },
    {
      role: 'model',
      parts: [
        { text: 'Let me see.' },
        { functionCall: { id: 'call_1', name: 'look', args: { city: 'Paris' } } },
        { functionCall: { id: 'call_2', name: 'look', args: { city: 'Rome' } } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_1', name: 'look', response: { output: 'It rains.' } } },
        { functionResponse: { id: 'call_2', name: 'look', response: { output: 'The sun shines.' } } },
        { text: 'And now?' },
      ],
    },
  ],
  tools: [{ functionDeclarations: [{ name: 'look', description: 'Looks.', parametersJsonSchema: schema }] }],
  toolConfig: { functionCallingConfig: { mode: 'ANY' } },
  generationConfig: { maxOutputTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
};
const requests = { openai, anthropic, gemini };

describe('a conversation with an image, tools and parallel results', () => {
  const pairs = [
    ['openai', 'anthropic'],
    ['openai', 'gemini'],
    ['anthropic', 'openai'],
    ['anthropic', 'gemini'],
    ['gemini', 'openai'],
    ['gemini', 'anthropic'],
  ] as const;
  it.each(pairs)('says the same in %s and in %s', (from, to) => {
    const expected = to === 'gemini' ? gemini : { ...requests[to], model: 'gemini-2.5-x' };
    expect(translated(from, requests[from], to, 'gemini-2.5-x')).toEqual(expected);
  });
});
