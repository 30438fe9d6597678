import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asId } from '#kernel';
import { readLine, usage } from '../usage-record.fixture.js';
import { usageLine } from './usage-line.js';

describe('a journal line', () => {
  it('has every column, whole milliseconds and the exact cost', () => {
    const text = usageLine(usage({ tags: { team: 'search' } }), 123_456_789_012_345_678n);
    expect(text).toContain(',123456789012345678,');
    const line = readLine(text);
    expect(line).toMatchObject({
      at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      latency_ms: 42,
      first_byte_ms: 12,
      input_tokens: 1000,
      tags: { team: 'search' },
    });
    expect(line.attempts).toEqual([expect.objectContaining({ status: 200, class: null, latencyMs: 42 })]);
  });

  it('is one line that Postgres can store, whatever callers and providers sent', () => {
    const anyText = fc.string({
      unit: fc.constantFrom('\0', '\ud800', '\udfff', '\\', '"', '\n', 'u0000', '€', 'a'),
    });
    fc.assert(
      fc.property(anyText, anyText, fc.dictionary(anyText, anyText), (model, upstreamModel, tags) => {
        const line = usageLine(usage({ model, upstreamModel, tags }), null);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const back = readLine(line);
        for (const text of [back.model, back.upstream_model, ...Object.entries(back.tags as object).flat()]) {
          expect(text).not.toContain('\0');
          expect((text as string).isWellFormed()).toBe(true);
        }
        expect(back.model).toBe(model.toWellFormed().replaceAll('\0', '\ufffd'));
      }),
    );
  });

  it('stays small when a caller sends much', () => {
    const tags = Object.fromEntries(
      Array.from({ length: 1000 }, (_, at) => [`tag-${at}`, '\u0001'.repeat(9999)]),
    );
    const attempts = Array.from({ length: 1000 }, () => usage().attempts[0]!);
    const line = usageLine(usage({ model: '\u0001'.repeat(1_000_000), tags, attempts }), 1n);
    expect(Buffer.byteLength(line)).toBeLessThan(128 * 1024);
  });

  it('never holds a number that the table refuses', () => {
    const wild = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, -1));
    fc.assert(
      fc.property(wild, wild, (count, ms) => {
        const tokens = { input: count, cachedInput: count, output: count, reasoning: count };
        const line = readLine(
          usageLine(usage({ id: asId('x'), tokens, latencyMs: ms, firstByteMs: ms }), null),
        );
        for (const value of [line.input_tokens, line.latency_ms, line.first_byte_ms]) {
          expect(Number.isSafeInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
