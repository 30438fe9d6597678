import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProviderRegistry } from '../provider-registry.js';
import { aModelCall } from '../../../../test/support/a-model-call.js';
import type { ModelCall } from '../contract/model-call.js';
import type { StreamReader } from '../contract/provider-adapter.js';

const registry = new ProviderRegistry();
const reader = (kind: string, call: Partial<ModelCall>): StreamReader => {
  const found = registry.get(kind)?.readStream(aModelCall({ stream: true, ...call }));
  if (found === undefined) throw new Error(`no adapter ${kind}`);
  return found;
};

const line = (data: unknown, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const delta = (content: Record<string, unknown>, finish: string | null = null) =>
  line({ choices: [{ index: 0, delta: content, finish_reason: finish }], usage: null });
const usageOnly = line({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });

interface Script {
  readonly kind: string;
  readonly call: Partial<ModelCall>;
  readonly text: string;
  /** What the caller sees. */
  readonly shown: string;
}

const chat = `: hello\n\n${delta({ role: 'assistant', content: '' })}${delta({ content: 'Grüß "usage" 🎉' })}${delta({}, 'stop')}`;
const claude = [
  line(
    {
      type: 'message_start',
      message: { usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } },
    },
    'message_start',
  ),
  line({ type: 'ping' }, 'ping'),
  line(
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    'content_block_start',
  ),
  line(
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hé' } },
    'content_block_delta',
  ),
  line(
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
    'message_delta',
  ),
  line({ type: 'message_stop' }, 'message_stop'),
].join('');
const responses = [
  line({ type: 'response.created', response: { status: 'in_progress', error: null } }, 'response.created'),
  line({ type: 'response.in_progress', response: {} }, 'response.in_progress'),
  line({ type: 'response.output_text.delta', delta: 'hi' }, 'response.output_text.delta'),
  line(
    { type: 'response.completed', response: { error: null, usage: { input_tokens: 7, output_tokens: 3 } } },
    'response.completed',
  ),
].join('');
const gemini = [
  line({ candidates: [{ content: { parts: [{ text: 'hi' }] } }], usageMetadata: { promptTokenCount: 7 } }),
  line({
    candidates: [{ content: { parts: [{ text: '!' }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 1, thoughtsTokenCount: 2 },
  }),
].join('');

const asked: Partial<ModelCall> = { json: { model: 'm', stream_options: { include_usage: true } } };
const scripts: readonly Script[] = [
  { kind: 'openai', call: {}, text: `${chat}${usageOnly}data: [DONE]\n\n`, shown: `${chat}data: [DONE]\n\n` },
  {
    kind: 'openai',
    call: asked,
    text: `${chat}${usageOnly}data: [DONE]\n\n`,
    shown: `${chat}${usageOnly}data: [DONE]\n\n`,
  },
  {
    kind: 'mistral',
    call: {},
    text: `${chat}${usageOnly}data: [DONE]\n\n`,
    shown: `${chat}${usageOnly}data: [DONE]\n\n`,
  },
  { kind: 'openai', call: { operation: 'responses' }, text: responses, shown: responses },
  { kind: 'anthropic', call: { operation: 'messages' }, text: claude, shown: claude },
  { kind: 'google', call: { operation: 'generate_content' }, text: gemini, shown: gemini },
];

/** Cuts bytes at arbitrary places, single bytes and empty chunks included. */
const cuts = fc.array(fc.nat(2_000), { maxLength: 40 });
function* chunked(bytes: Buffer, at: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const cut of at.map((place) => place % bytes.length).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

describe('stream readers', () => {
  it('pass on the same bytes and read the same facts, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scripts),
        fc.boolean(),
        cuts,
        ({ kind, call, text, shown }, isCrLf, at) => {
          const ended = (lines: string) => Buffer.from(isCrLf ? lines.replaceAll('\n', '\r\n') : lines);
          const stream = reader(kind, call);
          const passed = [...chunked(ended(text), at)].map((chunk) => stream.read(chunk));
          passed.push(stream.finish());
          expect(Buffer.concat(passed)).toEqual(ended(shown));
          expect(stream).toMatchObject({ outputStarted: true, completed: true, error: null });
          expect(stream.usage).toMatchObject({ input: 7, output: 3 });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cope with one byte at a time', () => {
    const stream = reader('openai', {});
    const bytes = Buffer.from(`${chat}${usageOnly}data: [DONE]\n\n`);
    const passed = Array.from(bytes, (byte) => stream.read(Buffer.of(byte)));
    expect(Buffer.concat(passed).toString()).toBe(`${chat}data: [DONE]\n\n`);
  });

  it('hand the same buffer on when nothing was cut or split', () => {
    const chunk = Buffer.from(delta({ content: 'x' }));
    expect(reader('openai', {}).read(chunk)).toBe(chunk);
  });

  it.each<readonly [string, Partial<ModelCall>, string]>([
    ['openai', {}, delta({ role: 'assistant', content: '', refusal: null })],
    ['openai', {}, ': OPENROUTER PROCESSING\n\n'],
    ['openai', { operation: 'responses' }, responses.slice(0, responses.indexOf('event: response.output'))],
    ['anthropic', { operation: 'messages' }, claude.slice(0, claude.indexOf('event: content_block_delta'))],
    ['google', { operation: 'generate_content' }, line({ usageMetadata: { promptTokenCount: 7 } })],
  ])('%s %j: does not take start-up events for output', (kind, call, text) => {
    const stream = reader(kind, call);
    stream.read(Buffer.from(text));
    expect(stream.outputStarted).toBe(false);
  });

  it.each([
    delta({ content: 'x' }),
    delta({ tool_calls: [{ index: 0 }] }),
    delta({ reasoning_content: 'x' }),
    delta({}, 'stop'),
  ])('openai: takes %j for output', (text) => {
    const stream = reader('openai', {});
    stream.read(Buffer.from(text));
    expect(stream.outputStarted).toBe(true);
  });

  it('hide an error that comes after output, and whatever follows it', () => {
    const stream = reader('openai', {});
    const output = delta({ content: 'x' });
    const error = line({ error: { message: 'organization org-1', code: 502 }, choices: [] });
    expect(stream.read(Buffer.from(`${output}${error}data: [DONE]\n\n`)).toString()).toBe(output);
    expect(stream.error).toMatchObject({ error: { code: 502 } });
  });

  it('join the lines of an event that spans several', () => {
    const stream = reader('openai', {});
    stream.read(
      Buffer.from(
        'data: {"choices":[],\ndata: "usage":{"prompt_tokens":1,\ndata:"completion_tokens":2}}\n\n',
      ),
    );
    expect(stream.usage).toMatchObject({ input: 1, output: 2 });
  });

  it('pass an event on unread when it is too large to hold, and read on behind it', () => {
    const stream = reader('openai', {});
    const huge = `data: {"choices":[{"delta":{"content":"${'x'.repeat(3_000_000)}`;
    const bytes = Buffer.from(`${huge}"}}]}\n\n${usageOnly}data: [DONE]\n\n`);
    const passed: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 65_536)
      passed.push(stream.read(bytes.subarray(at, at + 65_536)));
    expect(Buffer.concat(passed).toString()).toBe(`${huge}"}}]}\n\ndata: [DONE]\n\n`);
    expect(stream).toMatchObject({ outputStarted: true, completed: true });
  });

  it('give an unfinished last event out only when asked', () => {
    const stream = reader('openai', {});
    const text = 'data: [DONE]';
    expect(stream.read(Buffer.from(text))).toHaveLength(0);
    expect(stream.finish().toString()).toBe(text);
    expect(stream.completed).toBe(true);
  });
});
