import { describe, expect, it } from '@jest/globals';
import type { WireFormat } from '#ai-provider';
import { aCallIn, adapterOf, formats } from '../../../../test/support/translations.js';
import { translateCall } from './translate-call.js';
import { TranslatingAdapter } from './translating-adapter.js';

const nowMs = 1_790_000_000_000;
const requests: Readonly<Record<WireFormat, object>> = {
  openai: { messages: [{ role: 'user', content: 'Hi' }] },
  anthropic: { max_tokens: 9_000, messages: [{ role: 'user', content: 'Hi' }] },
  gemini: { contents: [{ parts: [{ text: 'Hi' }] }] },
};
const thinks = {
  anthropic: { thinking: { type: 'adaptive' } },
  openai: {},
  gemini: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
};

/** The adapter of a provider for a caller of another wire format. */
function adapterFor(caller: WireFormat, provider: WireFormat, more: object = {}): TranslatingAdapter {
  const call = aCallIn(caller, { ...requests[caller], ...more });
  const translation = translateCall(adapterOf(provider), call, 'm');
  if (translation?.kind !== 'translated') throw new Error('not translated');
  return new TranslatingAdapter(adapterOf(provider), call, translation, nowMs);
}

const told = (caller: WireFormat, provider: WireFormat, body: object, more: object = {}): unknown => {
  const bytes = adapterFor(caller, provider, more).translation.answer(body);
  return bytes === null ? null : (JSON.parse(bytes.toString()) as unknown);
};

/** One answer, as each provider gives it and as each caller gets it. */
const answers = {
  openai: {
    id: 'answer-1',
    object: 'chat.completion',
    created: nowMs / 1_000,
    model: 'real-model',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Let me see.',
          refusal: null,
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Paris"}' } },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 40 },
      completion_tokens_details: { reasoning_tokens: 5 },
    },
  },
  anthropic: {
    id: 'answer-1',
    type: 'message',
    role: 'assistant',
    model: 'real-model',
    content: [
      { type: 'text', text: 'Let me see.', citations: null },
      { type: 'tool_use', id: 'call_1', name: 'look', input: { city: 'Paris' } },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: {
      input_tokens: 60,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 40,
      output_tokens: 20,
      output_tokens_details: { thinking_tokens: 5 },
    },
  },
  gemini: {
    candidates: [
      {
        content: {
          parts: [
            { text: 'Let me see.' },
            { functionCall: { id: 'call_1', name: 'look', args: { city: 'Paris' } } },
          ],
          role: 'model',
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 15,
      thoughtsTokenCount: 5,
      totalTokenCount: 120,
    },
    modelVersion: 'real-model',
    responseId: 'answer-1',
  },
};
const pairs = formats.flatMap((provider) =>
  formats.flatMap((caller) => (caller === provider ? [] : [[provider, caller] as const])),
);

describe('a whole answer', () => {
  it.each(pairs)('of %s says the same to a caller of %s', (provider, caller) => {
    expect(told(caller, provider, answers[provider])).toEqual(answers[caller]);
  });

  it.each(pairs)('of %s that is none is no answer to a caller of %s', (provider, caller) => {
    for (const body of [{}, { choices: [] }, { candidates: [] }])
      expect(told(caller, provider, body)).toBeNull();
  });
});

describe('why a model stopped', () => {
  const openai = (finish_reason: string) => ({ choices: [{ message: { content: 'x' }, finish_reason }] });
  const anthropic = (stop_reason: string, stop_sequence: string | null = null) => ({
    content: [{ type: 'text', text: 'x' }],
    stop_reason,
    stop_sequence,
  });
  const gemini = (finishReason: string) => ({
    candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason }],
  });
  it.each([
    ['openai', openai('stop'), 'end_turn', 'STOP'],
    ['openai', openai('length'), 'max_tokens', 'MAX_TOKENS'],
    ['openai', openai('content_filter'), 'refusal', 'SAFETY'],
    ['openai', openai('brand_new'), 'end_turn', 'OTHER'],
  ] as const)('%s: %j', (provider, body, anthropicSays, geminiSays) => {
    expect(told('anthropic', provider, body)).toMatchObject({ stop_reason: anthropicSays });
    expect(told('gemini', provider, body)).toMatchObject({ candidates: [{ finishReason: geminiSays }] });
  });

  it.each([
    ['anthropic', anthropic('end_turn'), 'stop'],
    ['anthropic', anthropic('max_tokens'), 'length'],
    ['anthropic', anthropic('model_context_window_exceeded'), 'length'],
    ['anthropic', anthropic('stop_sequence', 'END'), 'stop'],
    ['anthropic', anthropic('refusal'), 'content_filter'],
    ['gemini', gemini('STOP'), 'stop'],
    ['gemini', gemini('MAX_TOKENS'), 'length'],
    ['gemini', gemini('RECITATION'), 'content_filter'],
    ['gemini', { promptFeedback: { blockReason: 'SAFETY' } }, 'content_filter'],
  ] as const)('%s: %j', (provider, body, finish_reason) => {
    expect(told('openai', provider, body)).toMatchObject({ choices: [{ finish_reason }] });
  });

  it('a refusal of OpenAI is a text with the reason of a refusal', () => {
    const body = { choices: [{ message: { content: null, refusal: 'No.' }, finish_reason: 'stop' }] };
    expect(told('anthropic', 'openai', body)).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    });
  });
});

describe('what a model thought', () => {
  const answer = {
    choices: [{ message: { content: 'x', reasoning_content: 'Hm.' }, finish_reason: 'stop' }],
  };

  it('is shown where the caller asked for it, and kept from it otherwise', () => {
    const thinking = { type: 'thinking', thinking: 'Hm.' };
    expect(told('anthropic', 'openai', answer, thinks.anthropic)).toMatchObject({ content: [thinking, {}] });
    expect(told('anthropic', 'openai', answer)).toMatchObject({ content: [{ type: 'text', text: 'x' }] });
    expect(told('gemini', 'openai', answer, thinks.gemini)).toMatchObject({
      candidates: [{ content: { parts: [{ text: 'Hm.', thought: true }, { text: 'x' }] } }],
    });
    expect(told('gemini', 'openai', answer)).toMatchObject({
      candidates: [{ content: { parts: [{ text: 'x' }] } }],
    });
  });

  it('stands for an OpenAI caller where other providers of that format put it', () => {
    const body = {
      content: [{ type: 'thinking', thinking: 'Hm.', signature: 's' }],
      stop_reason: 'end_turn',
    };
    expect(told('openai', 'anthropic', body)).toMatchObject({
      choices: [{ message: { reasoning_content: 'Hm.', reasoning_details: [{ text: 'Hm.' }] } }],
    });
  });
});

it('arguments that are no JSON object are handed on as they were written', () => {
  const called = { id: 'a', type: 'function', function: { name: 'look', arguments: '{"city":"Par' } };
  const body = { choices: [{ message: { content: null, tool_calls: [called] }, finish_reason: 'length' }] };
  expect(told('anthropic', 'openai', body)).toMatchObject({
    content: [{ type: 'tool_use', name: 'look', input: { arguments: '{"city":"Par' } }],
  });
});

it('the answer through the function that stands for JSON mode is a text', () => {
  const body = {
    content: [{ type: 'tool_use', id: 'a', name: 'pool_json_answer', input: { city: 'Paris' } }],
    stop_reason: 'tool_use',
  };
  expect(told('openai', 'anthropic', body)).toMatchObject({
    choices: [{ message: { content: '{"city":"Paris"}' }, finish_reason: 'stop' }],
  });
});

describe('an error', () => {
  const bodies = {
    openai: {
      error: {
        message: 'Too long.',
        type: 'invalid_request_error',
        param: null,
        code: 'context_length_exceeded',
      },
    },
    anthropic: { type: 'error', error: { type: 'invalid_request_error', message: 'Too long.' } },
    gemini: { error: { code: 400, message: 'Too long.', status: 'INVALID_ARGUMENT' } },
  };
  it.each(pairs)('of %s is told to a caller of %s in its own form', (provider, caller) => {
    const body = Buffer.from(JSON.stringify(bodies[provider]));
    const { translation } = adapterFor(caller, provider);
    expect(JSON.parse(translation.error('context_length', 400, body).toString())).toEqual(bodies[caller]);
  });

  it.each(['<html>', '', '[]', 'null', '{"error":7}', '[{"error":{"message":"m"}}]', '{"message":"m"}'])(
    'that is %p is still told in the form of the caller',
    (text) => {
      const { translation } = adapterFor('anthropic', 'openai');
      const error: unknown = JSON.parse(translation.error('unknown', 200, Buffer.from(text)).toString());
      expect(error).toEqual({
        type: 'error',
        error: { type: 'invalid_request_error', message: expect.any(String) },
      });
    },
  );
});
