import { describe, expect, it } from '@jest/globals';
import { usageCsv } from './usage-csv.js';

const sums = {
  requests: 2,
  failedRequests: 1,
  tokens: { input: 10, cachedInput: 4, output: 5, reasoning: 1 },
  costUsd: '0.5',
  unpricedRequests: 0,
};

describe('usageCsv', () => {
  it('writes a head and a line per row', () => {
    const csv = usageCsv(['model'], [{ model: 'gpt-4o', ...sums }]);
    expect(csv).toBe(
      'model,requests,failedRequests,input,cachedInput,output,reasoning,costUsd,unpricedRequests\r\n' +
        'gpt-4o,2,1,10,4,5,1,0.5,0\r\n',
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['@x', "'@x"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['-x,\n', `"'-x,\n"`],
  ])('makes %p harmless', (model, cell) => {
    expect(usageCsv(['model'], [{ model, ...sums }]).split('\r\n')[1]).toBe(`${cell},2,1,10,4,5,1,0.5,0`);
  });
});
