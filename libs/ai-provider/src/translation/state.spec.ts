import { describe, expect, it } from '@jest/globals';
import type { WireFormat } from '#ai-provider';
import { aCallIn, adapterOf, translated } from '../../../../test/support/translations.js';
import { withoutForeignState } from './foreign-state.js';
import { translateCall } from './translate-call.js';
import { TranslatingAdapter } from './translating-adapter.js';

type Json = Readonly<Record<string, unknown>>;

/** An answer of a provider, plain or streamed, as its caller gets it. */
function told(caller: WireFormat, provider: WireFormat, request: Json, body: object): Json {
  const call = aCallIn(caller, request);
  const translation = translateCall(adapterOf(provider), call, 'm');
  if (translation?.kind !== 'translated') throw new Error('not translated');
  const adapter = new TranslatingAdapter(adapterOf(provider), call, translation, 0);
  return JSON.parse(adapter.translation.answer(body)?.toString() ?? '') as Json;
}

const hello = { role: 'user', content: 'Hi' };
const claude = {
  content: [
    { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' },
    { type: 'redacted_thinking', data: 'aGlkZGVu' },
    { type: 'tool_use', id: 'toolu_1', name: 'look', input: { city: 'Paris' } },
  ],
  stop_reason: 'tool_use',
};
const gemini = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { functionCall: { id: 'c1', name: 'look', args: {} }, thoughtSignature: 'Z2VtaW5p' },
          { functionCall: { id: 'c2', name: 'look', args: {} } },
        ],
      },
      finishReason: 'STOP',
    },
  ],
};

/** What a caller sends next: the answer handed back as it came, and the results of its calls. */
const openaiNext = (answer: Json): Json => {
  const [choice] = answer['choices'] as { message: Json }[];
  const calls = choice?.message['tool_calls'] as { id: string }[];
  const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'rain' }));
  return { messages: [hello, choice?.message, ...results] };
};
const anthropicNext = (answer: Json): Json => {
  const content = answer['content'] as { type: string; id?: string }[];
  const results = content
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'rain' }));
  return {
    max_tokens: 9,
    messages: [hello, { role: 'assistant', content }, { role: 'user', content: results }],
  };
};
const geminiNext = (answer: Json): Json => {
  const [candidate] = answer['candidates'] as { content: Json }[];
  const result = { functionResponse: { id: 'toolu_1', name: 'look', response: { output: 'rain' } } };
  return {
    contents: [
      { role: 'user', parts: [{ text: 'Hi' }] },
      candidate?.content,
      { role: 'user', parts: [result] },
    ],
  };
};
const openaiAsks = { messages: [hello] };
const anthropicAsks = { max_tokens: 9, messages: [hello] };
const geminiAsks = { contents: [{ parts: [{ text: 'Hi' }] }] };

const ofClaude = {
  openai: openaiNext(told('openai', 'anthropic', openaiAsks, claude)),
  gemini: geminiNext(told('gemini', 'anthropic', geminiAsks, claude)),
};
const ofGemini = {
  openai: openaiNext(told('openai', 'gemini', openaiAsks, gemini)),
  anthropic: anthropicNext(told('anthropic', 'gemini', anthropicAsks, gemini)),
};

describe('proof of thoughts comes back to the provider that gave it', () => {
  it.each(['openai', 'gemini'] as const)('to Anthropic, by way of a caller of %s', (caller) => {
    expect(translated(caller, ofClaude[caller], 'anthropic')).toMatchObject({
      messages: [{}, { role: 'assistant', content: claude.content }, {}],
    });
  });

  it.each(['openai', 'anthropic'] as const)('to Gemini, by way of a caller of %s', (caller) => {
    expect(translated(caller, ofGemini[caller], 'gemini')).toMatchObject({
      contents: [{}, { role: 'model', parts: gemini.candidates[0]?.content.parts }, {}],
    });
  });

  it('and to no other', () => {
    for (const [caller, request] of Object.entries(ofClaude)) {
      const other = caller === 'openai' ? 'gemini' : 'openai';
      expect(JSON.stringify(translated(caller as WireFormat, request, other))).not.toMatch(/c2ln|cG9vb|Hm\./);
    }
  });

  it('Gemini 3 is told where there is none, older ones are not', () => {
    const call = { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } };
    const messages = [
      hello,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a', content: '' },
    ];
    const thoughtSignature = 'skip_thought_signature_validator';
    expect(translated('openai', { messages }, 'gemini', 'gemini-3-pro')).toMatchObject({
      contents: [{}, { parts: [{ thoughtSignature }] }, {}],
    });
    expect(JSON.stringify(translated('openai', { messages }, 'gemini', 'gemini-2.5-pro'))).not.toContain(
      'skip',
    );
  });

  it('a Claude with a budget does not think where there is none, later ones decide by themselves', () => {
    const { messages } = openaiNext(told('openai', 'gemini', openaiAsks, gemini));
    const request = { messages, reasoning_effort: 'high' };
    expect(translated('openai', request, 'anthropic', 'claude-sonnet-4-5')).not.toHaveProperty('thinking');
    expect(translated('openai', request, 'anthropic', 'claude-opus-4-6')).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    const first = { ...openaiAsks, reasoning_effort: 'high' };
    expect(translated('openai', first, 'anthropic', 'claude-sonnet-4-5')).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 24_576 },
    });
  });
});

describe('a conversation that comes home to a provider of its own wire format', () => {
  it.each([
    ['openai', ofClaude.openai],
    ['openai', ofGemini.openai],
    ['anthropic', ofGemini.anthropic],
    ['gemini', ofClaude.gemini],
  ] as const)('%s: leaves behind what only another could read, and nothing else', (format, request) => {
    const call = withoutForeignState(aCallIn(format, request));
    const text = call.body.toString();
    expect(JSON.parse(text)).toEqual(call.json);
    for (const foreign of ['cG9vb', 'Hm.', 'extra_content', 'reasoning', 'redacted', 'thought'])
      expect(text).not.toContain(foreign);
    for (const own of ['Hi', 'look', 'rain']) expect(text).toContain(own);
  });

  it('has its own thoughts left as they are, to the byte', () => {
    const own: readonly (readonly [WireFormat, Json])[] = [
      [
        'openai',
        {
          messages: [hello, { role: 'assistant', reasoning_details: [{ text: 'x', signature: 's' }] }, hello],
        },
      ],
      ['anthropic', { messages: [hello, { role: 'assistant', content: claude.content }, hello] }],
      ['gemini', { contents: [gemini.candidates[0]?.content] }],
      ['openai', { input: 'no messages' }],
      ['openai', { messages: [null, 7, 'text', { tool_calls: 7 }] }],
    ];
    for (const [format, request] of own) {
      const call = aCallIn(format, request);
      expect(withoutForeignState(call)).toBe(call);
    }
  });
});
