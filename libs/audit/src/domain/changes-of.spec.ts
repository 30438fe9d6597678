import { describe, expect, it } from '@jest/globals';
import { changesOf } from './changes-of.js';

const allowed = ['name', 'limits'];
const row = { name: 'a', limits: { rpm: 1 }, notes: 'never' };

describe('what changed', () => {
  it('is told of allowed fields alone', () => {
    expect(changesOf(allowed, null, row)).toEqual({ before: null, after: { name: 'a', limits: { rpm: 1 } } });
    expect(changesOf(allowed, row, null)).toEqual({ before: { name: 'a', limits: { rpm: 1 } }, after: null });
    expect(changesOf(allowed, row, { notes: 'else' })).toEqual({ before: {}, after: {} });
  });

  it('is told of fields that are not what they were', () => {
    const change = { name: 'a', limits: { rpm: 2 } };
    expect(changesOf(allowed, row, change)).toEqual({
      before: { limits: { rpm: 1 } },
      after: { limits: { rpm: 2 } },
    });
    expect(changesOf(allowed, row, { limits: { rpm: 1 } })).toEqual({ before: {}, after: {} });
  });
});
