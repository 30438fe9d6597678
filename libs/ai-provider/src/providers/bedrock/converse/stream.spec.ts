import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WireFormat } from '#ai-provider';
import { converseFrame, eventFrame, exceptionFrame } from '../../../../../../test/support/event-frame.js';
import { formats } from '../../../../../../test/support/translations.js';
import { recordAt } from '../../../json-value.js';
import { converseFor, requests } from './converse.fixture.js';

const piece = (index: number, delta: object) =>
  converseFrame('contentBlockDelta', { contentBlockIndex: index, delta });
const call = (index: number, toolUseId: string, name: string) =>
  converseFrame('contentBlockStart', { contentBlockIndex: index, start: { toolUse: { toolUseId, name } } });
const args = (index: number, input: string) => piece(index, { toolUse: { input } });
const stop = (index: number) => converseFrame('contentBlockStop', { contentBlockIndex: index });
const begin = converseFrame('messageStart', { role: 'assistant' });
const end = (stopReason: string) => [
  converseFrame('messageStop', { stopReason }),
  converseFrame('metadata', {
    usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17, cacheReadInputTokens: 5 },
    metrics: { latencyMs: 3 },
  }),
];
/** Thoughts, words beyond ASCII, two calls of functions. */
const frames = [
  begin,
  piece(0, { reasoningContent: { text: 'Hm, ' } }),
  piece(0, { reasoningContent: { text: 'yes.' } }),
  piece(0, { reasoningContent: { signature: 'signed' } }),
  stop(0),
  piece(1, { text: 'Grüße, ' }),
  piece(1, { text: '世界 🦊\n\n"text":"x"' }),
  stop(1),
  call(2, 'call_1', 'look'),
  args(2, ''),
  args(2, '{"city":'),
  args(2, '"Zürich"}'),
  stop(2),
  call(3, 'call_2', 'look'),
  args(3, '{}'),
  stop(3),
  ...end('tool_use'),
];
/** The same, told whole. */
const whole = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm, yes.', signature: 'signed' } } },
        { text: 'Grüße, 世界 🦊\n\n"text":"x"' },
        { toolUse: { toolUseId: 'call_1', name: 'look', input: { city: 'Zürich' } } },
        { toolUse: { toolUseId: 'call_2', name: 'look', input: {} } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17, cacheReadInputTokens: 5 },
};

/** What a caller gets of these bytes, cut at these places. */
function read(caller: WireFormat, bytes: Buffer, cuts: readonly number[] = []) {
  const stream = converseFor(caller, requests[caller], { stream: true }).adapter.readStream();
  const ends = [...cuts, bytes.length].sort((a, b) => a - b);
  const told = ends.map((at, index) => stream.read(bytes.subarray(ends[index - 1] ?? 0, at)));
  told.push(stream.finish(), stream.finish());
  return { stream, text: Buffer.concat(told).toString() };
}
const events = (text: string): Record<string, never>[] =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as Record<string, never>);

/** What a stream says when its pieces are put together, by each wire format's own rules. */
const gathered: Readonly<Record<WireFormat, (text: string) => unknown>> = {
  openai: (text) => {
    const deltas = events(text).map((event) => event['choices']?.[0]?.['delta'] ?? {}) as Record<
      string,
      never
    >[];
    const calls = deltas.flatMap((delta) => delta['tool_calls'] ?? []) as Record<string, never>[];
    const argumentsOf = (index: number) =>
      calls
        .filter((each) => each['index'] === index)
        .map((each) => each['function']?.['arguments'] ?? '')
        .join('');
    const join = (key: string) => deltas.map((delta) => delta[key] ?? '').join('');
    return [join('reasoning_content'), join('content'), argumentsOf(0), argumentsOf(1)];
  },
  anthropic: (text) => {
    const blocks: string[] = [];
    for (const event of events(text)) {
      if (event['type'] === 'content_block_start') blocks.push('');
      if (event['type'] !== 'content_block_delta') continue;
      const { thinking, text: words, partial_json } = recordAt(event, 'delta') as Record<string, string>;
      blocks.push((blocks.pop() ?? '') + (thinking ?? words ?? partial_json ?? ''));
    }
    return blocks;
  },
  gemini: (text) => {
    const parts = events(text).flatMap(
      (event) => event['candidates']?.[0]?.['content']['parts'] ?? [],
    ) as Record<string, never>[];
    const texts = (thought: boolean) =>
      parts
        .filter((part) => (part['thought'] ?? false) === thought)
        .map((part) => part['text'] ?? '')
        .join('');
    const calls = parts.flatMap((part) => (part['functionCall'] === undefined ? [] : [part['functionCall']]));
    return [texts(true), texts(false), ...calls.map((each) => JSON.stringify(each['args']))];
  },
};
const said = ['Hm, yes.', 'Grüße, 世界 🦊\n\n"text":"x"', '{"city":"Zürich"}', '{}'];

describe('a stream of Converse', () => {
  it.each(formats)('says to a caller of %s what it says', (caller) => {
    const { stream, text } = read(caller, Buffer.concat(frames));
    expect(gathered[caller](text)).toEqual(said);
    expect(stream).toMatchObject({
      contentType: 'text/event-stream; charset=utf-8',
      completed: true,
      outputStarted: true,
      error: null,
      usage: { input: 15, cachedInput: 5, output: 7 },
    });
    expect(stream.outputTokensEstimate).toBeGreaterThan(5);
  });

  it.each(formats)('says the same to a caller of %s wherever its bytes are cut', (caller) => {
    const bytes = Buffer.concat(frames);
    const expected = read(caller, bytes).text;
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        expect(read(caller, bytes, cuts).text).toBe(expected);
      }),
    );
    const everyByte = Array.from({ length: bytes.length }, (_, at) => at);
    expect(read(caller, bytes, everyByte).text).toBe(expected);
  });

  it.each(formats)('ends for a caller of %s as the whole answer does', (caller) => {
    const { text } = read(caller, Buffer.concat(frames));
    const answer = converseFor(caller, requests[caller]).adapter.translation.answer(whole);
    const { choices, stop_reason, candidates, usage, usageMetadata } = JSON.parse(
      answer?.toString() ?? '',
    ) as Record<string, never>;
    const ends = {
      openai: `"finish_reason":"${String(choices?.[0]?.['finish_reason'])}"`,
      anthropic: `"stop_reason":"${String(stop_reason)}"`,
      gemini: `"finishReason":"${String(candidates?.[0]?.['finishReason'])}"`,
    };
    expect(text).toContain(ends[caller]);
    expect(text).toContain(JSON.stringify(usage ?? usageMetadata));
  });

  it('begins with its first real output, not with its opening', () => {
    const stream = converseFor('openai', requests.openai, { stream: true }).adapter.readStream();
    stream.read(Buffer.concat([begin, piece(0, { text: '' })]));
    expect(stream.outputStarted).toBe(false);
    stream.read(piece(0, { text: 'x' }));
    expect(stream.outputStarted).toBe(true);
  });

  it('that says nothing at all ends all the same', () => {
    const { stream, text } = read('openai', Buffer.concat([begin, ...end('end_turn')]));
    expect(stream).toMatchObject({ completed: true, outputStarted: true, usage: { output: 7 } });
    expect(text).toContain('"finish_reason":"stop"');
  });

  it.each(formats)('that is cut off has no end for a caller of %s', (caller) => {
    const bytes = Buffer.concat(frames.slice(0, 8));
    for (const cut of [bytes, bytes.subarray(0, -1)]) {
      const { stream, text } = read(caller, cut);
      expect(stream.completed).toBe(false);
      for (const word of ['[DONE]', 'message_stop', 'finishReason', '"finish_reason":"'])
        expect(text).not.toContain(word);
    }
  });

  it.each([
    ['throttlingException', 'rate_limited', 'model_on_account'],
    ['modelStreamErrorException', 'server_error', 'provider'],
    ['internalServerException', 'server_error', 'provider'],
    ['serviceUnavailableException', 'overloaded', 'provider'],
    ['modelTimeoutException', 'timeout', 'provider'],
    ['validationException', 'invalid_request', 'request'],
  ])(
    'that breaks with %s is understood, before output and after, and tells none of it',
    (type, failure, scope) => {
      for (const before of [[], frames.slice(0, 7)]) {
        const { adapter } = converseFor('openai', requests.openai, { stream: true });
        const stream = adapter.readStream();
        const text = stream.read(Buffer.concat([...before, exceptionFrame(type, 'account 1234'), ...frames]));
        expect(stream.outputStarted).toBe(before.length > 0);
        expect(text.toString()).not.toMatch(/1234|call_1/);
        const answer = { status: 200, headers: {}, body: stream.error, transportCode: null };
        expect(adapter.classify(answer, 0)).toMatchObject({ class: failure, scope });
      }
    },
  );

  it('whose pieces of two calls are mixed ends in an error, not in wrong arguments', () => {
    const mixed = [begin, call(0, '1', 'a'), call(1, '2', 'b'), args(0, '{}')];
    const { stream } = read('anthropic', Buffer.concat(mixed));
    expect(stream.error).toMatchObject({ error: { message: expect.stringContaining('mixed') } });
  });

  it('of an answer in JSON mode is text', () => {
    const { text } = read(
      'openai',
      Buffer.concat([begin, call(0, 'x', 'pool_json_answer'), args(0, '{"a":1}'), ...end('tool_use')]),
    );
    expect(gathered.openai(text)).toEqual(['', '{"a":1}', '', '']);
    expect(text).toContain('"finish_reason":"stop"');
  });

  it('hands sealed thoughts on as proof', () => {
    const sealed = piece(0, { reasoningContent: { redactedContent: 'c2VhbGVk' } });
    const { text } = read('openai', Buffer.concat([begin, sealed, ...end('end_turn')]));
    expect(text).toContain(Buffer.from('pool:sealed:c2VhbGVk').toString('base64'));
  });

  it('goes past frames that hold no event, and past events with line breaks between their members', () => {
    const odd = [
      eventFrame({ ':event-type': 'new event' }, '{}'),
      eventFrame({ ':event-type': 'contentBlockDelta' }, 'null'),
      eventFrame({}, ''),
      converseFrame('somethingNew', { a: 1 }),
      eventFrame(
        { ':event-type': 'contentBlockDelta', ':message-type': 'event' },
        '{\r\n"contentBlockIndex":0,\n"delta":{"text":"Yes\\n"}}',
      ),
    ];
    const { text, stream } = read('openai', Buffer.concat([begin, ...odd, ...end('end_turn')]));
    expect(gathered.openai(text)).toEqual(['', 'Yes\n', '', '']);
    expect(stream.error).toBeNull();
  });
});
