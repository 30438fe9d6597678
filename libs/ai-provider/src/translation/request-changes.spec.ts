import { describe, expect, it } from '@jest/globals';
import { translated } from '../../../../test/support/translations.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const closedSchema = { ...schema, additionalProperties: false };
const openaiTools = [{ type: 'function', function: { name: 'look', parameters: schema } }];
const anthropicTools = [{ name: 'look', input_schema: schema }];
const geminiTools = [{ functionDeclarations: [{ name: 'look', parametersJsonSchema: schema }] }];

const say = { messages: [{ role: 'user', content: 'Hi' }] };
const ask = { ...say, max_tokens: 4_000 };
const speak = { contents: [{ parts: [{ text: 'Hi' }] }] };
const json_schema = { name: 'place', schema: closedSchema, strict: true };
const config = (generationConfig: object) => ({ ...speak, generationConfig });

describe('a request is changed to what the other provider calls the same', () => {
  it.each([
    [
      'openai',
      'anthropic',
      { ...say, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } },
      { output_config: { format: { type: 'json_schema', schema: closedSchema } } },
    ],
    [
      'openai',
      'anthropic',
      { ...say, response_format: { type: 'json_object' } },
      { tool_choice: { type: 'tool', name: 'pool_json_answer', disable_parallel_tool_use: true } },
    ],
    [
      'openai',
      'gemini',
      { ...say, response_format: { type: 'json_object' } },
      { generationConfig: { responseMimeType: 'application/json' } },
    ],
    [
      'openai',
      'gemini',
      { ...say, response_format: { type: 'json_schema', json_schema } },
      { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: closedSchema } },
    ],
    [
      'anthropic',
      'openai',
      { ...ask, output_config: { format: { type: 'json_schema', schema } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } },
    ],
    [
      'gemini',
      'openai',
      config({
        responseMimeType: 'application/json',
        responseSchema: {
          type: 'OBJECT',
          nullable: true,
          required: ['n'],
          properties: { n: { type: 'STRING', maxLength: '3' } },
        },
      }),
      {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'answer',
            strict: true,
            schema: {
              additionalProperties: false,
              type: ['object', 'null'],
              properties: { n: { type: 'string', maxLength: 3 } },
            },
          },
        },
      },
    ],
    [
      'openai',
      'anthropic',
      {
        messages: [
          { role: 'developer', content: 'A' },
          { role: 'user', content: 'Hi' },
          { role: 'system', content: 'B' },
        ],
      },
      { system: 'A\n\nB' },
    ],
    [
      'openai',
      'anthropic',
      { ...say, parallel_tool_calls: false, tools: openaiTools },
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    ],
    [
      'openai',
      'anthropic',
      { ...say, tools: openaiTools, tool_choice: { type: 'function', function: { name: 'look' } } },
      { tool_choice: { type: 'tool', name: 'look' } },
    ],
    [
      'openai',
      'gemini',
      { ...say, tools: openaiTools, tool_choice: { type: 'function', function: { name: 'look' } } },
      { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } } },
    ],
    [
      'openai',
      'gemini',
      {
        ...say,
        tools: [{ type: 'function', function: { name: 'look', parameters: closedSchema, strict: true } }],
      },
      { toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } },
    ],
    [
      'anthropic',
      'openai',
      { ...ask, tools: anthropicTools, tool_choice: { type: 'none' } },
      { tool_choice: 'none' },
    ],
    [
      'gemini',
      'anthropic',
      {
        ...speak,
        tools: geminiTools,
        toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } },
      },
      { tool_choice: { type: 'tool', name: 'look' } },
    ],
    [
      'openai',
      'anthropic',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } }],
          },
        ],
      },
    ],
    [
      'anthropic',
      'openai',
      {
        max_tokens: 9,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } },
            ],
          },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'file',
                file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBE' },
              },
            ],
          },
        ],
      },
    ],
    [
      'gemini',
      'openai',
      {
        system_instruction: { parts: [{ text: 'S' }] },
        contents: [{ parts: [{ text: 'Hi' }] }],
        generation_config: { max_output_tokens: 5 },
      },
      {
        max_completion_tokens: 5,
        messages: [
          { role: 'system', content: 'S' },
          { role: 'user', content: 'Hi' },
        ],
      },
    ],
  ] as const)('%s to %s, case %#', (from, to, request, expected) => {
    expect(translated(from, request, to)).toMatchObject(expected);
  });

  it('asks Anthropic, which wants a bound, for as much as the model can write', () => {
    for (const [model, max_tokens] of [
      ['claude-3-haiku-20240307', 4_096],
      ['claude-3-5-sonnet-20241022', 8_192],
      ['claude-sonnet-4-5', 32_000],
    ] as const) {
      expect(translated('openai', say, 'anthropic', model)).toMatchObject({ max_tokens });
    }
  });

  it('tells a result of a function that failed', () => {
    const user = { role: 'user', content: 'Hi' };
    const used = { type: 'tool_use', id: 'call_1', name: 'look', input: {} };
    const assistant = { role: 'assistant', content: [used] };
    const failed = { type: 'tool_result', tool_use_id: 'call_1', content: 'no such city', is_error: true };
    const request = { max_tokens: 9, messages: [user, assistant, { role: 'user', content: [failed] }] };
    expect(translated('anthropic', request, 'openai')).toMatchObject({
      messages: [{}, {}, { role: 'tool', content: 'Error: no such city' }],
    });
    const response = { error: 'no such city' };
    expect(translated('anthropic', request, 'gemini')).toMatchObject({
      contents: [{}, {}, { parts: [{ functionResponse: { response } }] }],
    });
  });

  it('finds the call of a result that has no id by name and order', () => {
    const call = (city: string) => ({ functionCall: { name: 'look', args: { city } } });
    const result = (output: string) => ({ functionResponse: { name: 'look', response: { output } } });
    const contents = [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts: [call('Paris'), call('Rome')] },
      { role: 'user', parts: [result('rain'), result('sun')] },
    ];
    expect(translated('gemini', { contents }, 'openai')).toMatchObject({
      messages: [
        {},
        { tool_calls: [{ id: 'call_0' }, { id: 'call_1' }] },
        { tool_call_id: 'call_0', content: 'rain' },
        { tool_call_id: 'call_1', content: 'sun' },
      ],
    });
  });
});
