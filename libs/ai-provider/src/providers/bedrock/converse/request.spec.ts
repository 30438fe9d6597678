import { describe, expect, it } from '@jest/globals';
import { toConverse } from './converse.fixture.js';

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const png = 'iVBORw0KGgo=';
const say = { messages: [{ role: 'user', content: 'Hi' }] };
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

/** The same conversation, as each caller has it. */
const callers = {
  openai: {
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
          { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Rome"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'It rains.' },
      { role: 'user', content: 'And now?' },
    ],
    max_completion_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    stop: ['END'],
    tools,
    tool_choice: 'required',
  },
  anthropic: {
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
          { type: 'tool_use', id: 'call_1', name: 'look', input: { city: 'Rome' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: 'It rains.' },
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
  },
  gemini: {
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { parts: [{ text: 'Where is this?' }, { inlineData: { mimeType: 'image/png', data: png } }] },
      {
        role: 'model',
        parts: [
          { text: 'Let me see.' },
          { functionCall: { id: 'call_1', name: 'look', args: { city: 'Rome' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'call_1', name: 'look', response: { output: 'It rains.' } } },
          { text: 'And now?' },
        ],
      },
    ],
    tools: [
      { functionDeclarations: [{ name: 'look', description: 'Looks.', parametersJsonSchema: schema }] },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY' } },
    generationConfig: { maxOutputTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
  },
} as const;

const written = {
  system: [{ text: 'Be brief.' }],
  messages: [
    {
      role: 'user',
      content: [{ text: 'Where is this?' }, { image: { format: 'png', source: { bytes: png } } }],
    },
    {
      role: 'assistant',
      content: [
        { text: 'Let me see.' },
        { toolUse: { toolUseId: 'call_1', name: 'look', input: { city: 'Rome' } } },
      ],
    },
    {
      role: 'user',
      content: [
        { toolResult: { toolUseId: 'call_1', content: [{ text: 'It rains.' }] } },
        { text: 'And now?' },
      ],
    },
  ],
  inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
  toolConfig: {
    tools: [{ toolSpec: { name: 'look', description: 'Looks.', inputSchema: { json: schema } } }],
    toolChoice: { any: {} },
  },
};

describe('a request becomes one of Converse', () => {
  it.each(['openai', 'anthropic', 'gemini'] as const)('from %s', (format) => {
    expect(toConverse(format, callers[format])).toEqual(written);
  });

  it('with no more than was said', () => {
    expect(toConverse('openai', say)).toEqual({ messages: [{ role: 'user', content: [{ text: 'Hi' }] }] });
  });

  it.each([
    [{ ...say, tools, tool_choice: 'auto' }, { toolConfig: { toolChoice: { auto: {} } } }],
    [
      { ...say, tools, tool_choice: { type: 'function', function: { name: 'look' } } },
      { toolConfig: { toolChoice: { tool: { name: 'look' } } } },
    ],
    [
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Read.' },
              { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBE' } },
              { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBF' } },
            ],
          },
        ],
      },
      {
        messages: [
          {
            content: [
              {},
              { document: { format: 'pdf', name: 'document-1', source: { bytes: 'JVBE' } } },
              { document: { name: 'document-2' } },
            ],
          },
        ],
      },
    ],
  ])('case %#', (request, expected) => {
    expect(toConverse('openai', request)).toMatchObject(expected);
  });

  it('without functions where the model must not call any', () => {
    expect(toConverse('openai', { ...say, tools, tool_choice: 'none' })).not.toHaveProperty('toolConfig');
  });

  it('without blank texts, which are refused there, and with speakers that alternate all the same', () => {
    const messages = [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: ' \n' },
      { role: 'user', content: 'Two' },
    ];
    expect(toConverse('openai', { messages })).toEqual({
      messages: [{ role: 'user', content: [{ text: 'One' }, { text: 'Two' }] }],
    });
  });

  it('with ids of calls that are allowed there, the same for a call and its result', () => {
    const id = `call.${'x'.repeat(80)}`;
    const text = JSON.stringify({ ...used, tools }).replaceAll('"c"', JSON.stringify(id));
    const ids = JSON.stringify(toConverse('openai', JSON.parse(text) as object)).match(
      /"toolUseId":"[\w-]{1,64}"/g,
    );
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('that tells of a function that failed, and of images in what it came to', () => {
    const source = { type: 'base64', media_type: 'image/png', data: png };
    const content = [
      { type: 'text', text: 'no such city' },
      { type: 'image', source },
    ];
    const messages = [
      ...say.messages,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c', is_error: true, content }] },
    ];
    expect(
      toConverse('anthropic', { max_tokens: 9, messages, tools: [{ name: 'look', input_schema: schema }] }),
    ).toMatchObject({
      messages: [
        {},
        {},
        {
          content: [
            {
              toolResult: {
                status: 'error',
                content: [{ text: 'no such city' }, { image: { format: 'png', source: { bytes: png } } }],
              },
            },
          ],
        },
      ],
    });
  });
});
