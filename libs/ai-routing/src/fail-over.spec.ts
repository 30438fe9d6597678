import { describe, expect, it } from '@jest/globals';
import { failureClasses, isCallersFault } from '#kernel';
import { mayTryAgain } from './fail-over.js';

describe('mayTryAgain', () => {
  it('sends a fault of the caller to no second account, but what was too long for a model to a larger one', () => {
    const verdicts = new Map(failureClasses.map((one) => [one, mayTryAgain('chat_completions', one)]));
    expect(verdicts.get('context_length')).toBe('where_larger');
    verdicts.delete('context_length');
    const again = [...verdicts].filter(([, verdict]) => verdict !== 'never').map(([failure]) => failure);
    expect(again.filter(isCallersFault)).toEqual([]);
    expect(again).toHaveLength(failureClasses.filter((failure) => !isCallersFault(failure)).length);
  });

  it('does not pay twice for an image whose first try may have been made', () => {
    expect(mayTryAgain('image_generations', 'timeout')).toBe('never');
    expect(mayTryAgain('image_generations', 'rate_limited')).toBe('free');
  });
});
