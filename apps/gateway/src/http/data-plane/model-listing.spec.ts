import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WireFormat } from '#ai-provider';
import { modelListings } from './model-listing.js';

const names = ['a', 'b', 'c', 'd', 'e'];
const listed = (wireFormat: WireFormat, query = '', models: readonly string[] = names) =>
  modelListings[wireFormat].list(models, new URLSearchParams(query)) as Record<string, unknown>;
const ids = (page: Record<string, unknown>) => (page['data'] as { id: string }[]).map(({ id }) => id);

describe('lists of models', () => {
  it('come whole to callers of OpenAI', () => {
    expect(ids(listed('openai', 'limit=1'))).toEqual(names);
  });

  it('come by pages to callers of Anthropic, forwards and backwards', () => {
    expect(listed('anthropic', 'limit=2')).toMatchObject({ has_more: true, first_id: 'a', last_id: 'b' });
    expect(listed('anthropic', 'limit=2&after_id=d')).toMatchObject({
      has_more: false,
      first_id: 'e',
      last_id: 'e',
    });
    expect(listed('anthropic', 'limit=2&before_id=e')).toMatchObject({
      has_more: true,
      first_id: 'c',
      last_id: 'd',
    });
    expect(listed('anthropic', '', [])).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
    const many = Array.from({ length: 30 }, (_, at) => `m${String(at).padStart(2, '0')}`);
    expect(ids(listed('anthropic', '', many))).toHaveLength(20);
  });

  it('come by pages to callers of Gemini, each model on exactly one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (given, size) => {
          const models = given.toSorted();
          const seen: string[] = [];
          let query = `pageSize=${size}`;
          for (;;) {
            const page = listed('gemini', query, models);
            seen.push(...(page['models'] as { displayName: string }[]).map(({ displayName }) => displayName));
            if (page['nextPageToken'] === undefined) break;
            query = `pageSize=${size}&pageToken=${String(page['nextPageToken'])}`;
          }
          expect(seen).toEqual(models);
        },
      ),
    );
  });

  it('refuse a size that is none', () => {
    expect(() => listed('anthropic', 'limit=0')).toThrow("'limit' must be a whole number");
    expect(() => listed('gemini', 'pageSize=x')).toThrow("'pageSize' must be a whole number");
  });
});
