import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ModelCall } from '../contract/model-call.js';
import type { StreamReader } from '../contract/provider-adapter.js';
import {
  chat,
  claude,
  delta,
  gemini,
  line,
  reader,
  responses,
  scripts,
  unasked,
  usageOnly,
} from './streams.fixture.js';

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

const passAll = (stream: StreamReader, chunks: Iterable<Buffer>): Buffer =>
  Buffer.concat([...Array.from(chunks, (chunk) => stream.read(chunk)), stream.finish()]);

/** Comments, fields nobody knows, names, a document over several lines: all of it legal, little of it usual. */
const oddities = ['', ': a comment\n', 'id: 7\n', 'retry: 10\n', ': ünïcode 🎉\n\n', 'unheard-of\n'];
const dressed = (text: string, mark: string, odd: string, lineEnd: string) =>
  Buffer.from((mark + text.replaceAll(/(^|\n\n)(?=data|event)/g, `$1${odd}`)).replaceAll('\n', lineEnd));

/** The stream without the event that only we asked for. */
function dressedWithout(sent: Buffer, event: string, worn: string, lineEnd: string): string {
  const comment = worn.replaceAll('\n', lineEnd);
  return unasked(sent.toString().replace(event, comment));
}

describe('stream readers', () => {
  it('pass on the same bytes and read the same facts, however the stream is written and cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scripts),
        fc.constantFrom('', '\ufeff'),
        fc.constantFrom(...oddities),
        fc.constantFrom('\n', '\r\n', '\r'),
        cuts,
        ({ kind, call, text, shown }, mark, odd, lineEnd, at) => {
          const isCut = text !== shown;
          // What stands beside the usage that we asked for goes with it.
          const worn = isCut && !odd.endsWith('\n\n') ? '' : odd;
          const sent = dressed(text, mark, worn, lineEnd);
          const stream = reader(kind, call);
          const whole = reader(kind, call);
          const event = Buffer.from(`${worn}${usageOnly}`.replaceAll('\n', lineEnd)).toString();
          passAll(whole, [sent]);
          const passed = passAll(stream, chunked(sent, at)).toString();
          expect(passed).toBe(isCut ? dressedWithout(sent, event, worn, lineEnd) : sent.toString());
          expect(stream).toMatchObject({ outputStarted: true, completed: true, error: null });
          expect(stream.usage).toMatchObject({ input: 7, output: 3 });
          expect(stream.outputTokensEstimate).toBe(whole.outputTokensEstimate);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each<readonly [string, Partial<ModelCall>, string, number]>([
    ['openai', {}, delta({ content: 'abc"\\' }) + delta({ reasoning_content: 'abcd' }), 3],
    ['openai', { operation: 'completions' }, line({ choices: [{ text: 'abcdefgh' }] }), 2],
    ['openai', {}, delta({ tool_calls: [{ function: { arguments: '{"a":1}' } }] }), 3],
    ['openai', { operation: 'responses' }, responses.slice(0, responses.indexOf('event: response.com')), 1],
    ['anthropic', { operation: 'messages' }, claude, 1],
    ['google', { operation: 'generate_content' }, gemini, 1],
    ['openai', {}, delta({ content: '你好世界' }), 3],
    ['openai', {}, delta({ role: 'assistant', content: '' }), 0],
  ])('%s %j: estimate what was written in %j as %d tokens', (kind, call, text, tokens) => {
    const stream = reader(kind, call);
    stream.read(Buffer.from(text));
    expect(stream.outputTokensEstimate).toBe(tokens);
  });

  it('estimate a long stream within a tenth, however it is cut', () => {
    const words = ['a', 'because', ' of', ' "it"', ' and so on', '!', ' understanding'];
    const text = Array.from({ length: 3_000 }, (_, at) => words[(at * at) % words.length] ?? '');
    const bytes = Buffer.from(text.map((content) => delta({ content })).join(''));
    const written = text.reduce((sum, content) => sum + JSON.stringify(content).length - 2, 0);
    for (const size of [1, 97, 200, 1_460, 65_536]) {
      const stream = reader('openai', {});
      for (let at = 0; at < bytes.length; at += size) stream.read(bytes.subarray(at, at + size));
      const share = (stream.outputTokensEstimate * 4) / written;
      expect([size, share > 0.9 && share < 1.1]).toEqual([size, true]);
    }
  });

  it('cope with one byte at a time', () => {
    const stream = reader('openai', {});
    const bytes = Buffer.from(`${chat}${usageOnly}data: [DONE]\n\n`);
    const passed = Array.from(bytes, (byte) => stream.read(Buffer.of(byte)));
    expect(Buffer.concat(passed).toString()).toBe(`${unasked(chat)}data: [DONE]\n\n`);
  });

  it('hand the same buffer on when nothing was cut or split', () => {
    const chunk = Buffer.from(unasked(delta({ content: 'x' })));
    expect(reader('openai', {}).read(chunk)).toBe(chunk);
  });

  it('hide an error that comes after output, and whatever follows it', () => {
    const stream = reader('openai', {});
    const output = delta({ content: 'x' });
    const error = line({ error: { message: 'organization org-1', code: 502 }, choices: [] });
    expect(stream.read(Buffer.from(`${output}${error}data: [DONE]\n\n`)).toString()).toBe(unasked(output));
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

  it.each<readonly [string, Partial<ModelCall>, (filling: string) => unknown, object]>([
    [
      'openai',
      { operation: 'responses' },
      (filling) => ({
        type: 'response.completed',
        response: {
          output: [{ type: 'image_generation_call', result: filling }],
          usage: { input_tokens: 7, output_tokens: 3, output_tokens_details: { reasoning_tokens: 1 } },
          metadata: { note: '"usage":{}' },
        },
      }),
      { input: 7, output: 3, reasoning: 1 },
    ],
    [
      'openai',
      { operation: 'image_generations' },
      (filling) => ({
        type: 'image_generation.completed',
        b64_json: filling,
        usage: { input_tokens: 7, output_tokens: 3 },
      }),
      { input: 7, output: 3 },
    ],
    [
      'google',
      { operation: 'generate_content' },
      (filling) => ({
        candidates: [{ content: { parts: [{ inlineData: { data: filling } }] }, finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 7,
          candidatesTokenCount: 3,
          candidatesTokensDetails: [{ tokenCount: 3 }],
        },
      }),
      { input: 7, output: 3 },
    ],
    [
      'openai',
      {},
      (filling) => ({
        choices: [{ delta: { images: [filling] }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 3 },
      }),
      { input: 7, output: 3 },
    ],
  ])('%s %j: read the end of an event that is too large to hold', (kind, call, event, usage) => {
    for (const size of [1_048_000, 1_200_000, 2_097_100, 5_000_000]) {
      const bytes = Buffer.from(line(event('A'.repeat(size))));
      const stream = reader(kind, call);
      const passed: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += 65_536)
        passed.push(stream.read(bytes.subarray(at, at + 65_536)));
      expect(Buffer.concat(passed).equals(bytes)).toBe(true);
      expect(stream).toMatchObject({ outputStarted: true, completed: true, error: null, usage });
    }
  });

  it('give an unfinished last event out only when asked', () => {
    const stream = reader('openai', {});
    const text = 'data: [DONE]';
    expect(stream.read(Buffer.from(text))).toHaveLength(0);
    expect(stream.finish().toString()).toBe(text);
    expect(stream.completed).toBe(true);
  });
});
