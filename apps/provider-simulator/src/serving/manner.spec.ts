import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../scenario/fault.js';
import { mannerOf } from './manner.js';

const cases: readonly (readonly [Fault | undefined, object])[] = [
  [undefined, { delayMs: 0, chunkDelayMs: 0, ending: 'complete' }],
  [
    { kind: 'slow_first_byte', delayMs: 700 },
    { delayMs: 700, ending: 'complete' },
  ],
  [
    { kind: 'slow_stream', delayMs: 30 },
    { delayMs: 0, chunkDelayMs: 30 },
  ],
  [{ kind: 'brown_out' }, { delayMs: 2_000, ending: 'complete' }],
  [{ kind: 'hang_mid_stream' }, { ending: 'hang' }],
  [{ kind: 'reset_mid_body' }, { ending: 'cut' }],
  [{ kind: 'truncated_json' }, { ending: 'truncated' }],
  [
    { kind: 'error_in_stream', afterChunks: 3 },
    { ending: 'error', afterChunks: 3 },
  ],
];

describe('the manner of an answer', () => {
  it.each(cases)('under %j', (fault, manner) => {
    expect(mannerOf(fault)).toMatchObject(manner);
  });
});
