import { describe, expect, it } from '@jest/globals';
import { promptText, tokensOf } from './token-count.js';

describe('the tokenizer', () => {
  it('counts four characters as a token and never less than one', () => {
    expect([0, 1, 4, 5].map((length) => tokensOf('x'.repeat(length)))).toEqual([1, 1, 1, 2]);
  });

  it('sees the texts of a conversation in order, but no pictures, ids or cache marks', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const part = { type: 'text', text: 'see ', cache_control: { type: 'ephemeral' } };
    expect(
      promptText([
        { role: 'user ', content: [part, picture] },
        { content: 'end', tool_call_id: 'x' },
      ]),
    ).toBe('user see end');
  });
});
