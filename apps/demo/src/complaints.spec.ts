import { describe, expect, it } from '@jest/globals';
import type { AccountRow } from './account-rows.js';
import { complaints, type Evidence } from './complaints.js';

const row: AccountRow = {
  provider: 'openai',
  name: 'openai-main',
  calls: 2,
  share: 1,
  weightShare: 1,
  rateLimited: 1,
  failOvers: 1,
  state: 'closed',
  costNanoUsd: 1n,
  unpriced: 0,
};

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    traffic: { calls: 2, plain: 1, streamed: 1, errors: [], durationMs: 1 },
    rows: [row],
    recorded: 2,
    seen: new Map([['openai-main', { answered: 2, rateLimited: 1 }]]),
    ...changes,
  };
}

describe('complaints', () => {
  it('has none when callers, gateway and providers agree', () => {
    expect(complaints(evidence())).toEqual([]);
  });

  it('has none about an account that was never called', () => {
    const idle = { ...row, name: 'openai-dead', calls: 0, rateLimited: 0 };
    expect(complaints(evidence({ rows: [row, idle] }))).toEqual([]);
  });

  it.each<[string, Partial<Evidence>, string]>([
    [
      'an error a caller saw',
      {
        traffic: {
          calls: 2,
          plain: 1,
          streamed: 1,
          errors: ['openai, plain: 500', 'openai, plain: 500'],
          durationMs: 1,
        },
      },
      '2 calls failed: openai, plain: 500',
    ],
    ['a call the ledger lost', { recorded: 1 }, '2 calls were made, but the ledger has 1'],
    ['a call without a price', { rows: [{ ...row, unpriced: 1 }] }, '1 calls have no price'],
    [
      'a call sent twice',
      { seen: new Map([['openai-main', { answered: 3, rateLimited: 1 }]]) },
      'openai-main: 2 calls, but its provider answered 3',
    ],
    [
      'a 429 that was not counted',
      { seen: new Map([['openai-main', { answered: 2, rateLimited: 2 }]]) },
      'openai-main: 1 429s, but its provider sent 2',
    ],
  ])('names %s', (_, changes, complaint) => {
    expect(complaints(evidence(changes))).toEqual([complaint]);
  });
});
