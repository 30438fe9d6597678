import { describe, expect, it } from '@jest/globals';
import type { LimitView } from '../accounts/quota.js';
import { dialects } from './by-name.js';

const view = (name: LimitView['name'], limit: number, remaining: number, fullInMs: number): LimitView => ({
  name,
  limit,
  remaining,
  fullInMs,
});
const nowMs = Date.UTC(2026, 8, 20, 12);
const headersOf = (name: keyof typeof dialects, ...limits: LimitView[]) =>
  dialects[name].headers({ requestId: 'r', organisation: '', model: 'm', limits, nowMs });

describe('limit headers', () => {
  const minute = view('rpm', 500, 499, 120);
  const day = view('rpd', 14_400, 14_370, 179_560);
  const tokens = view('tpm', 18_000, 17_997, 7_660);

  it('of OpenAI count the minute with Go durations', () => {
    expect(headersOf('openai', minute, day, tokens)).toMatchObject({
      'x-ratelimit-limit-requests': '500',
      'x-ratelimit-remaining-requests': '499',
      'x-ratelimit-reset-requests': '120ms',
      'x-ratelimit-limit-tokens': '18000',
      'x-ratelimit-remaining-tokens': '17997',
      'x-ratelimit-reset-tokens': '7.66s',
    });
  });

  it('of Groq count requests by the day', () => {
    expect(headersOf('groq', minute, day, tokens)).toMatchObject({
      'x-ratelimit-limit-requests': '14400',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-remaining-tokens': '17997',
    });
  });

  it('of Anthropic tell instants, and large token counts in thousands', () => {
    expect(
      headersOf('anthropic', minute, view('itpm', 80_000, 78_400, 1_200), view('otpm', 8_000, 7, 1)),
    ).toEqual({
      'request-id': 'req_r',
      'anthropic-ratelimit-requests-limit': '500',
      'anthropic-ratelimit-requests-remaining': '499',
      'anthropic-ratelimit-requests-reset': '2026-09-20T12:00:01Z',
      'anthropic-ratelimit-input-tokens-limit': '80000',
      'anthropic-ratelimit-input-tokens-remaining': '78000',
      'anthropic-ratelimit-input-tokens-reset': '2026-09-20T12:00:02Z',
      'anthropic-ratelimit-output-tokens-limit': '8000',
      'anthropic-ratelimit-output-tokens-remaining': '7',
      'anthropic-ratelimit-output-tokens-reset': '2026-09-20T12:00:01Z',
    });
  });

  it('do not exist at Google, nor anywhere without limits', () => {
    expect(Object.keys(headersOf('gemini', minute, tokens)).join()).not.toMatch(/limit/);
    expect(Object.keys(headersOf('openai')).join()).not.toMatch(/limit/);
  });
});
