import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunkFrame, eventFrame, exceptionFrame, rawFrame } from '../../../../../test/support/event-frame.js';
import { EventFrames, FrameDamaged } from './event-frames.js';
import { MessageStream } from '../anthropic/stream.js';
import { FramedStream, claudesEventIn } from './stream.js';

const events = [
  { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 9, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'grüße 👋' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
  { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9 } },
];
const framed = Buffer.concat(events.map(chunkFrame));
const asAnthropicSends = events
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

/** What a caller gets of these bytes, cut at will. */
function read(bytes: Buffer, cuts: readonly number[]): { stream: FramedStream; text: string } {
  const stream = new FramedStream(new MessageStream(), claudesEventIn);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  const pieces = ends.map((end, index) => stream.read(bytes.subarray(ends[index - 1] ?? 0, end)));
  return { stream, text: Buffer.concat([...pieces, stream.finish()]).toString() };
}

describe('a stream of Claude in frames', () => {
  it('becomes what Anthropic itself sends, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        const { stream, text } = read(framed, cuts);
        expect(text).toBe(asAnthropicSends);
        expect(stream).toMatchObject({ outputStarted: true, completed: true, error: null });
        expect(stream.usage).toEqual({ input: 9, cachedInput: 0, output: 7, reasoning: 0 });
      }),
    );
  });

  it('does so byte by byte', () => {
    const everywhere = Array.from({ length: framed.length }, (_, index) => index);
    expect(read(framed, everywhere).text).toBe(asAnthropicSends);
  });

  it('is not complete when it ends inside a frame, and hands on whole events alone', () => {
    const { stream, text } = read(framed.subarray(0, framed.length - 1), []);
    expect(stream.completed).toBe(false);
    expect(asAnthropicSends.startsWith(text)).toBe(true);
    expect(text.endsWith('\n\n')).toBe(true);
  });

  it.each([
    ['before output', []],
    ['after output', events.slice(0, 3)],
  ])('tells an exception %s, and none of it to the caller', (_, before) => {
    const exception = exceptionFrame('throttlingException', 'Too many tokens, please wait.');
    const { stream, text } = read(Buffer.concat([...before.map(chunkFrame), exception, framed]), []);
    expect(stream.error).toEqual({
      error: { type: 'throttlingException', message: 'Too many tokens, please wait.' },
    });
    expect(text).not.toContain('Too many');
    expect(text.split('\n\n').length - 1).toBe(before.length);
  });

  it('tells an error of the transport by its code', () => {
    const frame = eventFrame(
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'sorry' },
      '',
    );
    const { stream } = read(frame, []);
    expect(stream.error).toEqual({ error: { type: 'InternalFailure', message: 'sorry' } });
  });

  it('goes past frames that hold no event', () => {
    const odd = [eventFrame({}, ''), eventFrame({ ':event-type': 'new' }, '{"x":1}'), chunkFrame({ x: 1 })];
    expect(read(Buffer.concat([...odd, framed]), []).text).toBe(asAnthropicSends);
  });

  it('ends in an error where any byte of a frame was changed on its way', () => {
    const frame = chunkFrame(events[2] ?? {});
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = Buffer.from(frame);
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        const { stream } = read(Buffer.concat([damaged, framed]), []);
        expect(stream.error).toMatchObject({ error: { type: 'InternalServerException' } });
      }),
    );
  });
});

describe('EventFrames', () => {
  it('never reads beyond a frame, whatever its headers say of themselves', () => {
    const number = Buffer.from([1, 97, 4, 0, 0, 0, 7]);
    const cutText = Buffer.from([1, 98, 7, 0, 200]);
    const unknown = Buffer.from([1, 99, 77]);
    for (const headers of [cutText, unknown]) {
      expect(() => new EventFrames().push(rawFrame(headers))).toThrow(FrameDamaged);
    }
    expect(new EventFrames().push(rawFrame(number))).toEqual([{ headers: {}, payload: Buffer.alloc(0) }]);
  });

  it('gives up at once on a length that no frame has, instead of waiting for it', () => {
    const huge = rawFrame(Buffer.alloc(0), Buffer.alloc(0), 17 * 1_024 * 1_024);
    expect(() => new EventFrames().push(huge.subarray(0, 12))).toThrow(FrameDamaged);
  });
});
