import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { PassedBody } from './passed-body.js';
import type { Give } from './passed-body.js';

/** A form that arrives in these chunks, as fast as it is wanted. */
function aForm(head: Buffer[], chunks: readonly Buffer[]) {
  const coming: (Buffer | null)[] = [...chunks, null];
  const form = { isStopped: false, given: 0 };
  const body = new PassedBody(head, (give: Give) => {
    const resume = () => {
      setImmediate(() => {
        while (coming.length > 0 && !form.isStopped) {
          form.given += coming[0]?.length ?? 0;
          if (!give(coming.shift() ?? null)) return;
        }
      });
    };
    return { resume, stop: () => void (form.isStopped = true) };
  });
  return { form, body };
}

/** Reads as a connection does that has sent a piece only some time after it was given. */
function sentLate(body: PassedBody): Promise<{ bytes: Buffer; sizes: number[] }> {
  const sent: Buffer[] = [];
  return new Promise((resolve, reject) => {
    body.on('data', (piece: Buffer) => {
      body.pause();
      setImmediate(() => {
        sent.push(Buffer.from(piece));
        body.resume();
      });
    });
    body.on('end', () => resolve({ bytes: Buffer.concat(sent), sizes: sent.map(({ length }) => length) }));
    body.on('error', reject);
  });
}

/** Memory of its own, as what comes from a socket has it. */
const chunkOf = (length: number, seed: number) => {
  const chunk = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; at += 1) chunk[at] = (at * 31 + seed) & 255;
  return chunk;
};

describe('an upload that is passed on while it arrives', () => {
  it('keeps every byte, in pieces that stay as they are until the next is asked for', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 30 });
    const heads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(heads, sizes, async (head, lengths) => {
        const chunks = lengths.map(chunkOf);
        const parts = head.map((part) => Buffer.from(part));
        const whole = Buffer.concat([...parts, ...chunks]);
        const { bytes, sizes: pieces } = await sentLate(aForm(parts.slice(), chunks).body);
        expect(bytes.equals(whole)).toBe(true);
        for (const size of pieces.slice(parts.length, -1)) expect(size).toBeGreaterThan(65_536);
      }),
      { numRuns: 40 },
    );
  });

  it('takes no more than two pieces ahead of a reader that does not come back', async () => {
    const { form, body } = aForm(
      [],
      Array.from({ length: 100 }, (_, seed) => chunkOf(65_536, seed)),
    );
    const first = await new Promise<Buffer>((resolve) =>
      body.once('data', (piece: Buffer) => {
        body.pause();
        resolve(piece);
      }),
    );
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(form.given - first.length).toBeLessThanOrEqual(163_840);
    body.destroy();
    expect(form.isStopped).toBe(true);
  });

  it('gives the memory of what arrived back at once, unless it is shared', async () => {
    const own = chunkOf(1_000, 1);
    const shared = chunkOf(1_000, 2).subarray(0, 500);
    const expected = Buffer.concat([own, shared]);
    const { bytes } = await sentLate(aForm([], [own, shared]).body);
    expect(bytes.equals(expected)).toBe(true);
    expect([own.buffer.byteLength, shared.buffer.byteLength]).toEqual([0, 1_000]);
  });

  it('takes a chunk larger than any that was foreseen', async () => {
    const huge = chunkOf(1_000_000, 3);
    const expected = Buffer.from(huge);
    const { bytes } = await sentLate(aForm([], [chunkOf(10, 1), huge]).body);
    expect(bytes.subarray(10).equals(expected)).toBe(true);
  });

  it('passes on a little when no more comes for a second', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    try {
      let give: Give = () => false;
      const body = new PassedBody([], (to) => {
        give = to;
        return { resume: () => undefined, stop: () => undefined };
      });
      const pieces: string[] = [];
      body.on('data', (piece: Buffer) => pieces.push(piece.toString()));
      await new Promise((resolve) => setImmediate(resolve));
      expect(give(Buffer.from('slow'))).toBe(true);
      jest.advanceTimersByTime(999);
      expect(pieces).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(pieces).toEqual(['slow']);
      body.destroy();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});
