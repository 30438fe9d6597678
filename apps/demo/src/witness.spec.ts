import { describe, expect, it } from '@jest/globals';
import type { CallRecord } from '../../provider-simulator/src/index.js';
import { sightings } from './witness.js';

function seen(changes: Partial<CallRecord>): CallRecord {
  return {
    atMs: 0,
    provider: 'openai',
    key: 'sk-1',
    method: 'POST',
    path: '/v1/chat/completions',
    model: 'gpt-4o-mini',
    streamed: false,
    status: 200,
    tokens: { input: 1, cached: 0, output: 1 },
    aborted: false,
    fault: null,
    durationMs: 1,
    ...changes,
  };
}

describe('sightings', () => {
  it('counts answers and 429s by key', () => {
    const calls = [seen({}), seen({}), seen({ status: 429 }), seen({ key: 'sk-2', status: 401 })];
    expect(sightings(calls)).toEqual(
      new Map([
        ['sk-1', { answered: 2, rateLimited: 1 }],
        ['sk-2', { answered: 0, rateLimited: 0 }],
      ]),
    );
  });

  it('takes neither a health check nor a broken answer for an answer', () => {
    const calls = [
      seen({ method: 'GET', path: '/v1/models' }),
      seen({ aborted: true }),
      seen({ streamed: true, fault: 'error_in_stream' }),
    ];
    expect(sightings(calls).get('sk-1')).toEqual({ answered: 0, rateLimited: 0 });
  });
});
