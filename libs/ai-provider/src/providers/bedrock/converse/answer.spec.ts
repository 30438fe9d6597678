import { describe, expect, it } from '@jest/globals';
import type { WireFormat } from '#ai-provider';
import { bedrock } from '../index.js';
import { converseFor, requests, toConverse } from './converse.fixture.js';

const usage = {
  inputTokens: 10,
  outputTokens: 20,
  totalTokens: 130,
  cacheReadInputTokens: 60,
  cacheWriteInputTokens: 40,
};
const answer = (content: readonly object[], stopReason = 'end_turn') => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage,
  metrics: { latencyMs: 7 },
});
const told = (format: WireFormat, body: object): unknown => {
  const bytes = converseFor(format, requests[format]).adapter.translation.answer(body);
  return bytes === null ? null : (JSON.parse(bytes.toString()) as unknown);
};
const withTool = answer(
  [{ text: 'Let me see.' }, { toolUse: { toolUseId: 'call_1', name: 'look', input: { city: 'Rome' } } }],
  'tool_use',
);

describe('an answer of Converse is told', () => {
  it('to a caller of OpenAI', () => {
    expect(told('openai', withTool)).toMatchObject({
      object: 'chat.completion',
      model: 'alias',
      choices: [
        {
          message: {
            content: 'Let me see.',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Rome"}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 110,
        completion_tokens: 20,
        total_tokens: 130,
        prompt_tokens_details: { cached_tokens: 60 },
      },
    });
  });

  it('to a caller of Anthropic', () => {
    expect(told('anthropic', withTool)).toMatchObject({
      type: 'message',
      model: 'alias',
      content: [
        { type: 'text', text: 'Let me see.' },
        { type: 'tool_use', id: 'call_1', name: 'look', input: { city: 'Rome' } },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 50, cache_read_input_tokens: 60, output_tokens: 20 },
    });
  });

  it('to a caller of Gemini', () => {
    expect(told('gemini', withTool)).toMatchObject({
      candidates: [
        {
          content: {
            parts: [
              { text: 'Let me see.' },
              { functionCall: { id: 'call_1', name: 'look', args: { city: 'Rome' } } },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 110, cachedContentTokenCount: 60, candidatesTokenCount: 20 },
    });
  });

  it.each([
    ['end_turn', 'stop', 'end_turn', 'STOP'],
    ['max_tokens', 'length', 'max_tokens', 'MAX_TOKENS'],
    ['model_context_window_exceeded', 'length', 'max_tokens', 'MAX_TOKENS'],
    ['stop_sequence', 'stop', 'stop_sequence', 'STOP'],
    ['content_filtered', 'content_filter', 'refusal', 'SAFETY'],
    ['guardrail_intervened', 'content_filter', 'refusal', 'SAFETY'],
    ['malformed_tool_use', 'stop', 'end_turn', 'OTHER'],
    ['tool_use', 'stop', 'end_turn', 'STOP'],
  ])('with why it ended: %s', (reason, openai, anthropic, gemini) => {
    const body = answer([{ text: 'x' }], reason);
    expect(told('openai', body)).toMatchObject({ choices: [{ finish_reason: openai }] });
    expect(told('anthropic', body)).toMatchObject({ stop_reason: anthropic });
    expect(told('gemini', body)).toMatchObject({ candidates: [{ finishReason: gemini }] });
  });

  it('as text where it was asked for as JSON', () => {
    const toolUse = { toolUseId: 'x', name: 'pool_json_answer', input: { a: 1 } };
    expect(told('openai', answer([{ toolUse }], 'tool_use'))).toMatchObject({
      choices: [{ message: { content: '{"a":1}' }, finish_reason: 'stop' }],
    });
  });

  it('with thoughts, and their proof comes back to the model that gave it and to no other', () => {
    const reasoningText = { text: 'Hm, yes.', signature: 'signed' };
    const body = answer([
      { reasoningContent: { reasoningText } },
      { reasoningContent: { redactedContent: 'c2VhbGVk' } },
      { text: 'Yes.' },
    ]);
    const said = told('openai', body) as { choices: { message: object }[] };
    const messages = [
      { role: 'user', content: 'Hi' },
      said.choices[0]?.message ?? {},
      { role: 'user', content: 'And?' },
    ];
    const again = (model: string) => JSON.stringify(toConverse('openai', { messages }, model));
    const thoughts = [
      { reasoningContent: { reasoningText } },
      { reasoningContent: { redactedContent: 'c2VhbGVk' } },
    ];
    expect(again('converse/anthropic.claude-sonnet-4-5')).toContain(JSON.stringify(thoughts).slice(1, -1));
    expect(again('arn:aws:bedrock:us-east-1:1:application-inference-profile/a')).toContain('signed');
    expect(again('amazon.nova-pro-v1:0')).not.toMatch(/reasoning|signed/);
  });

  it('with thoughts that nobody signed', () => {
    const body = answer([{ reasoningContent: { reasoningText: { text: 'Hm.' } } }, { text: 'Yes.' }]);
    expect(told('openai', body)).toMatchObject({
      choices: [{ message: { content: 'Yes.', reasoning_content: 'Hm.' } }],
    });
    expect(told('anthropic', body)).toMatchObject({ content: [{ type: 'thinking', thinking: 'Hm.' }, {}] });
  });

  it.each([[{}], [{ output: {} }], [{ output: { message: { content: 'x' } } }]])(
    'only if it is one: %j',
    (body) => {
      expect(told('openai', body)).toBeNull();
    },
  );

  it('and nothing of what future versions may put into it', () => {
    const odd = [7, null, { citationsContent: {} }, { text: 'x' }] as readonly object[];
    expect(told('anthropic', answer(odd))).toMatchObject({ content: [{ type: 'text', text: 'x' }] });
  });
});

describe('the usage of Converse', () => {
  it('counts the whole prompt, wherever it came from', () => {
    expect(bedrock.readUsage({ usage })).toEqual({ input: 110, cachedInput: 60, output: 20, reasoning: 0 });
  });

  it('counts nothing where numbers are none', () => {
    expect(bedrock.readUsage({ usage: { inputTokens: 'x' } })).toBeNull();
    expect(bedrock.readUsage({ usage: { inputTokens: 3, outputTokens: null } })).toMatchObject({ input: 3 });
  });
});

describe('an error of Converse', () => {
  it.each([
    ['openai', { error: { message: 'Too many tokens' } }],
    ['anthropic', { type: 'error', error: { type: 'rate_limit_error', message: 'Too many tokens' } }],
    ['gemini', { error: { code: 429, message: 'Too many tokens', status: 'RESOURCE_EXHAUSTED' } }],
  ] as const)('is told in the words of %s', (format, expected) => {
    const { translation } = converseFor(format, requests[format]).adapter;
    for (const name of ['message', 'Message']) {
      const body = Buffer.from(JSON.stringify({ [name]: 'Too many tokens' }));
      expect(JSON.parse(translation.error('rate_limited', 429, body).toString())).toMatchObject(expected);
    }
  });
});
