import { describe, expect, it } from '@jest/globals';
import { seededRandom } from './chance.js';
import { FaultBook } from './fault-book.js';
import type { Fault } from './scenario/fault.js';

const call = { provider: 'openai', key: 'sk-1', model: 'm', operation: 'chat', streamed: false };
const book = (...faults: Fault[]) => new FaultBook(faults, 1_000, seededRandom(1));
const hang = { kind: 'hang' } as const;

describe('planned faults', () => {
  it('strike only whom they are aimed at', () => {
    const aimed = book({ ...hang, provider: 'openai', key: 'sk-1', model: 'm', operation: 'chat' });
    expect(aimed.strike(call, 1_000)).toMatchObject(hang);
    for (const other of [
      { provider: 'groq' },
      { key: 'sk-2' },
      { model: 'n' },
      { operation: 'embeddings' },
    ]) {
      expect(aimed.strike({ ...call, ...other }, 1_000)).toBeUndefined();
    }
  });

  it('strike within their time, counted from the load of the scenario', () => {
    const timed = book({ ...hang, fromMs: 10, untilMs: 20 });
    expect([1_009, 1_010, 1_019, 1_020].map((atMs) => timed.strike(call, atMs)?.kind)).toEqual([
      undefined,
      'hang',
      'hang',
      undefined,
    ]);
  });

  it('strike as often as they are counted, and the next in line after that', () => {
    const counted = book({ ...hang, count: 2 }, { kind: 'html_502' });
    const kinds = [1, 2, 3].map(() => counted.strike(call, 1_000)?.kind);
    expect(kinds).toEqual(['hang', 'hang', 'html_502']);
    expect(counted.list().map((planned) => planned.struck)).toEqual([2, 1]);
  });

  it('strike a share of calls by their probability', () => {
    const some = book({ ...hang, probability: 0.2 });
    const struck = Array.from({ length: 5_000 }, () => some.strike(call, 1_000)).filter(Boolean);
    expect(struck.length / 5_000).toBeCloseTo(0.2, 1);
  });

  it('about streams leave plain calls alone, and the other way round', () => {
    const streams = book({ kind: 'error_in_stream' });
    expect(streams.strike(call, 1_000)).toBeUndefined();
    expect(streams.strike({ ...call, streamed: true }, 1_000)).toBeDefined();
    expect(book({ kind: 'truncated_json' }).strike({ ...call, streamed: true }, 1_000)).toBeUndefined();
  });

  it('can be taken back by their id', () => {
    const one = book(hang);
    const id = one.add({ kind: 'html_502' });
    expect(one.remove(id)).toBe(true);
    expect(one.remove(id)).toBe(false);
    one.clear();
    expect(one.strike(call, 1_000)).toBeUndefined();
  });

  it('are bounded', () => {
    const full = book(...Array.from({ length: 1_000 }, () => hang));
    expect(() => full.add(hang)).toThrow('No more than 1000 faults');
  });
});
