import { describe, expect, it } from '@jest/globals';
import { withoutNullUsage } from './null-usage.js';

const trimmed = (text: string): string => withoutNullUsage(Buffer.from(text)).toString();

describe('a usage of null', () => {
  it.each([
    ['at the end', 'data: {"choices":[],"usage":null}\n\n', 'data: {"choices":[]}\n\n'],
    ['in the middle', 'data: {"a":1,"usage":null,"b":2}\n\n', 'data: {"a":1,"b":2}\n\n'],
    ['at the beginning', 'data: {"usage":null,"b":2}\n\n', 'data: {"b":2}\n\n'],
    ['alone', 'data: {"usage":null}\n\n', 'data: {}\n\n'],
    ['with spaces', 'data: {"a": 1, "usage": null}\n\n', 'data: {"a": 1}\n\n'],
    ['in every event', 'data: {"a":1,"usage":null}\n\n'.repeat(3), 'data: {"a":1}\n\n'.repeat(3)],
  ])('goes %s', (_, given, left) => expect(trimmed(given)).toBe(left));

  it.each([
    'data: {"usage":{"total_tokens":null}}\n\n',
    'data: {"a":1}\n\n',
    `data: ${JSON.stringify({ content: 'say {"a":1,"usage":null} in ü' })}\n\n`,
    'data: {"usage"',
    '',
  ])('is all that goes: %j stays', (given) => expect(trimmed(given)).toBe(given));

  it('leaves bytes that hold none where they are', () => {
    const events = Buffer.from('data: {"a":1}\n\n');
    expect(withoutNullUsage(events)).toBe(events);
  });
});
