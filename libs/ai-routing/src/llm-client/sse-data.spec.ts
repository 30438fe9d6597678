import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sseData } from './sse-data.js';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

describe('sseData', () => {
  it('finds the same events however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (events, size) => {
          const wire = Buffer.from(
            events.map((data) => `: note\r\nevent: x\r\ndata: ${data}\r\n\r\n`).join(''),
          );
          expect(await Array.fromAsync(sseData(cut(wire, size)))).toEqual(events);
        },
      ),
    );
  });

  it('joins the lines of one event and keeps a last one without an end', async () => {
    const wire = Buffer.from('data: a\ndata: b\n\n: alone\n\ndata: [DONE]');
    expect(await Array.fromAsync(sseData(cut(wire, 64)))).toEqual(['a\nb', '[DONE]']);
  });
});
