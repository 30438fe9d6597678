import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ModelCall, WireFormat } from '#ai-provider';
import { aCallIn, adapterOf, formats } from '../../../../test/support/translations.js';
import { translateCall } from './translate-call.js';
import { TranslatingAdapter } from './translating-adapter.js';

const requests: Readonly<Record<WireFormat, object>> = {
  openai: { messages: [{ role: 'user', content: 'Hi' }], stream_options: { include_usage: true } },
  anthropic: {
    max_tokens: 9_000,
    thinking: { type: 'adaptive' },
    messages: [{ role: 'user', content: 'Hi' }],
  },
  gemini: {
    contents: [{ parts: [{ text: 'Hi' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
  },
};

function streamFor(caller: WireFormat, provider: WireFormat, changes: object = {}) {
  const call: ModelCall = aCallIn(caller, { ...requests[caller], ...changes }, { stream: true });
  const translation = translateCall(adapterOf(provider), call, 'm');
  if (translation?.kind !== 'translated') throw new Error('not translated');
  return new TranslatingAdapter(adapterOf(provider), call, translation, 1_790_000_000_000).readStream();
}

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const typed = (data: { readonly type: string }) => `event: ${data.type}\n${event(data)}`;
const openaiChunk = (delta: object, finish_reason: string | null = null) =>
  event({
    id: 'answer-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'real-model',
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  });
const openaiCall = (index: number, called: object, more: object = {}) =>
  openaiChunk({ tool_calls: [{ index, ...more, function: called }] });
const block = (index: number, content_block: object) =>
  typed({ type: 'content_block_start', index, content_block } as never);
const piece = (index: number, delta: object) => typed({ type: 'content_block_delta', index, delta } as never);
const stop = (index: number) => typed({ type: 'content_block_stop', index } as never);
const geminiChunk = (parts: readonly object[], end: object = {}, usage: object = {}) =>
  event({
    candidates: [{ content: { parts, role: 'model' }, ...end, index: 0 }],
    ...usage,
    modelVersion: 'real-model',
    responseId: 'answer-1',
  });
const geminiUsage = { usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 7, totalTokenCount: 17 } };
const anthropicUsage = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** One answer, streamed as each provider streams it: words beyond ASCII, and two calls of functions. */
const streams: Readonly<Record<WireFormat, string>> = {
  openai:
    openaiChunk({ role: 'assistant', content: '' }) +
    openaiChunk({ content: 'Grüße, ' }) +
    openaiChunk({ content: '世界 🦊' }) +
    openaiCall(0, { name: 'look', arguments: '' }, { id: 'call_1', type: 'function' }) +
    openaiCall(0, { arguments: '{"city":' }) +
    openaiCall(0, { arguments: '"Zürich"}' }) +
    openaiCall(1, { name: 'look', arguments: '' }, { id: 'call_2', type: 'function' }) +
    openaiCall(1, { arguments: '{}' }) +
    openaiChunk({}, 'tool_calls') +
    event({
      id: 'answer-1',
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: 'real-model',
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 7,
        total_tokens: 17,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    }) +
    'data: [DONE]\n\n',
  anthropic:
    typed({
      type: 'message_start',
      message: {
        id: 'answer-1',
        type: 'message',
        role: 'assistant',
        model: 'real-model',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, ...anthropicUsage, output_tokens: 0 },
      },
    } as never) +
    block(0, { type: 'text', text: '', citations: null }) +
    piece(0, { type: 'text_delta', text: 'Grüße, ' }) +
    piece(0, { type: 'text_delta', text: '世界 🦊' }) +
    stop(0) +
    block(1, { type: 'tool_use', id: 'call_1', name: 'look', input: {} }) +
    piece(1, { type: 'input_json_delta', partial_json: '{"city":' }) +
    piece(1, { type: 'input_json_delta', partial_json: '"Zürich"}' }) +
    stop(1) +
    block(2, { type: 'tool_use', id: 'call_2', name: 'look', input: {} }) +
    piece(2, { type: 'input_json_delta', partial_json: '{}' }) +
    stop(2) +
    typed({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { input_tokens: 10, ...anthropicUsage, output_tokens: 7 },
    } as never) +
    typed({ type: 'message_stop' }),
  gemini:
    geminiChunk([{ text: 'Grüße, ' }]) +
    geminiChunk([{ text: '世界 🦊' }]) +
    geminiChunk([{ functionCall: { id: 'call_1', name: 'look', args: { city: 'Zürich' } } }]) +
    geminiChunk(
      [{ functionCall: { id: 'call_2', name: 'look', args: {} } }],
      { finishReason: 'STOP' },
      geminiUsage,
    ),
};
/** Gemini sends arguments whole. */
const wholeArguments = (text: string) =>
  text
    .replace(
      openaiCall(0, { arguments: '{"city":' }) + openaiCall(0, { arguments: '"Zürich"}' }),
      openaiCall(0, { arguments: '{"city":"Zürich"}' }),
    )
    .replace(
      piece(1, { type: 'input_json_delta', partial_json: '{"city":' }) +
        piece(1, { type: 'input_json_delta', partial_json: '"Zürich"}' }),
      piece(1, { type: 'input_json_delta', partial_json: '{"city":"Zürich"}' }),
    );
const expected = (caller: WireFormat, provider: WireFormat) =>
  provider === 'gemini' ? wholeArguments(streams[caller]) : streams[caller];

const pairs = formats.flatMap((provider) =>
  formats.flatMap((caller) => (caller === provider ? [] : [[provider, caller] as const])),
);

/** Reads bytes that are cut at these places. */
function readCut(caller: WireFormat, provider: WireFormat, text: string, cuts: readonly number[]) {
  const bytes = Buffer.from(text);
  const stream = streamFor(caller, provider);
  const ends = [...cuts, bytes.length].sort((a, b) => a - b);
  const told: Buffer[] = [];
  let start = 0;
  for (const end of ends) {
    told.push(stream.read(bytes.subarray(start, end)));
    start = end;
  }
  told.push(stream.finish(), stream.finish());
  return { stream, text: Buffer.concat(told).toString() };
}

describe('a stream', () => {
  it.each(pairs)('of %s says the same to a caller of %s', (provider, caller) => {
    const { stream, text } = readCut(caller, provider, streams[provider], []);
    expect(text).toBe(expected(caller, provider));
    expect(stream).toMatchObject({
      completed: true,
      outputStarted: true,
      error: null,
      usage: { input: 10, output: 7 },
    });
  });

  it.each(pairs)('of %s says the same to a caller of %s wherever it is cut', (provider, caller) => {
    const { length } = Buffer.from(streams[provider]);
    const places = fc.array(fc.integer({ min: 0, max: length }), { maxLength: 20 });
    fc.assert(
      fc.property(places, (cuts) => {
        expect(readCut(caller, provider, streams[provider], cuts).text).toBe(expected(caller, provider));
      }),
    );
    const everyByte = Array.from({ length }, (_, at) => at);
    expect(readCut(caller, provider, streams[provider], everyByte).text).toBe(expected(caller, provider));
    const crlf = streams[provider].replaceAll('\n', '\r\n');
    const everyCrlfByte = Array.from({ length: Buffer.byteLength(crlf) }, (_, at) => at);
    expect(readCut(caller, provider, crlf, everyCrlfByte).text).toBe(expected(caller, provider));
  });

  it('leaves usage out unless an OpenAI caller asked for it', () => {
    const stream = streamFor('openai', 'anthropic', { stream_options: undefined });
    const text = stream.read(Buffer.from(streams.anthropic)).toString() + stream.finish().toString();
    expect(text).not.toContain('"usage"');
    expect(stream.usage).toMatchObject({ output: 7 });
  });

  it('that is cut off has no end', () => {
    for (const [provider, caller] of pairs) {
      const whole = streams[provider];
      const cut = whole.slice(0, whole.indexOf('世界'));
      const { stream, text } = readCut(caller, provider, cut, []);
      expect(stream.completed).toBe(false);
      expect(text).toContain('Grüße');
      for (const end of ['[DONE]', 'message_stop', 'finishReason', '"finish_reason":"'])
        expect(text).not.toContain(end);
    }
  });

  it("hides a provider's error after output, and shows it to the gateway", () => {
    const begun = streams.anthropic.slice(0, streams.anthropic.indexOf('event: content_block_stop'));
    const error = typed({
      type: 'error',
      error: { type: 'overloaded_error', message: 'org-1 is busy' },
    } as never);
    const { stream, text } = readCut('openai', 'anthropic', begun + error, []);
    expect(stream.error).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(text).not.toContain('org-1');
  });

  it('whose pieces of two calls are mixed ends in an error, not in wrong arguments', () => {
    const mixed =
      openaiCall(0, { name: 'a' }, { id: '1' }) +
      openaiCall(1, { name: 'b' }, { id: '2' }) +
      openaiCall(0, { arguments: '{}' });
    const { stream } = readCut('anthropic', 'openai', mixed, []);
    expect(stream.error).toMatchObject({ error: { message: expect.stringContaining('mixed') } });
    expect(stream.finish()).toHaveLength(0);
  });

  it('shows thoughts as each caller knows them', () => {
    const thinking = openaiChunk({ reasoning_content: 'Hm, ' }) + openaiChunk({ reasoning_content: 'yes.' });
    const rest = openaiChunk({ content: 'Yes.' }) + openaiChunk({}, 'stop') + 'data: [DONE]\n\n';
    const anthropic = readCut('anthropic', 'openai', thinking + rest, []).text;
    expect(anthropic).toContain(piece(0, { type: 'thinking_delta', thinking: 'yes.' }));
    expect(anthropic).toContain(block(1, { type: 'text', text: '', citations: null }));
    expect(readCut('gemini', 'openai', thinking + rest, []).text).toContain(
      geminiChunk([{ text: 'yes.', thought: true }]),
    );
  });

  it('of an answer in JSON mode is text', () => {
    const answer =
      typed({ type: 'message_start', message: { id: 'answer-1', model: 'real-model', usage: {} } } as never) +
      block(0, { type: 'tool_use', id: 'a', name: 'pool_json_answer', input: {} }) +
      piece(0, { type: 'input_json_delta', partial_json: '{"a":1}' }) +
      stop(0) +
      typed({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: {} } as never) +
      typed({ type: 'message_stop' });
    const { text } = readCut('openai', 'anthropic', answer, []);
    expect(text).toContain(openaiChunk({ content: '{"a":1}' }));
    expect(text).toContain('"finish_reason":"stop"');
  });

  it('hands the proof of thoughts to callers who were not shown them', () => {
    const thinking =
      typed({ type: 'message_start', message: { id: 'answer-1', model: 'real-model', usage: {} } } as never) +
      block(0, { type: 'thinking', thinking: '', signature: '' }) +
      piece(0, { type: 'thinking_delta', thinking: 'Hm, ' }) +
      piece(0, { type: 'thinking_delta', thinking: 'yes.' }) +
      piece(0, { type: 'signature_delta', signature: 'signed' }) +
      stop(0);
    const signature = Buffer.from('pool:thinking:signed').toString('base64');
    const details = [{ type: 'reasoning.text', text: 'Hm, yes.', signature }];
    expect(readCut('openai', 'anthropic', thinking, []).text).toContain(
      openaiChunk({ reasoning_details: details }),
    );
    const stream = streamFor('gemini', 'anthropic', { generationConfig: {} });
    const text = stream.read(Buffer.from(thinking)).toString();
    expect(text).toBe(geminiChunk([{ text: 'Hm, yes.', thought: true, thoughtSignature: signature }]));
  });
});
