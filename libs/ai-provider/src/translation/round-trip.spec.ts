import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WireFormat } from '#ai-provider';
import { formats } from '../../../../test/support/translations.js';
import type { Conversation } from './conversation.js';
import { conversations, gist } from './conversations.fixture.js';
import { translators } from './translators.js';

/** Neighbouring texts of the user may come back as they went, or of the assistant as one: only their words count. */
function throughEach(conversation: Conversation, order: readonly WireFormat[]): Conversation {
  let said = conversation;
  for (const format of order) {
    const written = translators[format].writeRequest(said, { kind: 'openai', model: 'm', stream: false });
    said = translators[format].readRequest(JSON.parse(JSON.stringify(written)) as Record<string, unknown>);
  }
  return said;
}

describe('a conversation keeps its words, tools, ids and order', () => {
  it.each(formats)('in %s', (format) => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        expect(gist(throughEach(conversation, [format]))).toEqual(gist(conversation));
      }),
      { numRuns: 100 },
    );
  });

  it('from one wire format to the next and back', () => {
    const orders = fc.array(fc.constantFrom(...formats), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(conversations, orders, (conversation, order) => {
        expect(gist(throughEach(conversation, order))).toEqual(gist(conversation));
      }),
      { numRuns: 100 },
    );
  });
});
