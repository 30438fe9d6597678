import { describe, expect, it } from '@jest/globals';
import { failureClasses, isCallersFault } from '#kernel';
import { mayTryAgain } from './fail-over.js';

describe('mayTryAgain', () => {
  it('sends a fault of the caller to no second account', () => {
    const again = failureClasses.filter((failure) => mayTryAgain('chat_completions', failure) !== 'never');
    expect(again.filter(isCallersFault)).toEqual([]);
    expect(again).toHaveLength(failureClasses.filter((failure) => !isCallersFault(failure)).length);
  });

  it('does not pay twice for an image whose first try may have been made', () => {
    expect(mayTryAgain('image_generations', 'timeout')).toBe('never');
    expect(mayTryAgain('image_generations', 'rate_limited')).toBe('free');
  });
});
