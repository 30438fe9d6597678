import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSameText } from './same-text.js';

describe('isSameText', () => {
  it('holds for equal texts and no others, however alike', () => {
    const character = fc.constantFrom('a', 'b', '\u{1F600}', '\0');
    const text = fc.string({ unit: character, maxLength: 4 });
    fc.assert(fc.property(text, text, (one, other) => expect(isSameText(one, other)).toBe(one === other)));
  });
});
