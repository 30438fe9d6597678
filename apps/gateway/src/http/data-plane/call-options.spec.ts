import { describe, expect, it } from '@jest/globals';
import { readCallOptions } from './call-options.js';

describe('readCallOptions', () => {
  it('asks for nothing when no header does', () => {
    expect(readCallOptions({})).toEqual({ tags: {}, timeoutMs: null, noFallback: false, affinity: null });
  });

  it('reads tags, deadline, affinity and the wish for one attempt', () => {
    const headers = {
      'x-pool-tags': 'team=search, project=a.b/c',
      'x-pool-timeout-ms': '1500',
      'x-pool-no-fallback': 'true',
      'x-pool-affinity': 'conversation 7',
    };
    expect(readCallOptions(headers)).toEqual({
      tags: { team: 'search', project: 'a.b/c' },
      timeoutMs: 1500,
      noFallback: true,
      affinity: 'conversation 7',
    });
  });

  it.each([
    ['x-pool-tags', 'team'],
    ['x-pool-tags', Array.from({ length: 17 }, (_, i) => `k${i}=v`).join(',')],
    ['x-pool-tags', `k=${'v'.repeat(129)}`],
    ['x-pool-timeout-ms', '-1'],
    ['x-pool-timeout-ms', 'soon'],
    ['x-pool-no-fallback', 'maybe'],
    ['x-pool-affinity', ''],
    ['x-pool-affinity', 'a'.repeat(257)],
  ])('refuses %s: %s and names the header', (name, value) => {
    expect(() => readCallOptions({ [name]: value })).toThrow(
      expect.objectContaining({ code: 'invalid_request', details: { field: name } }),
    );
  });
});
