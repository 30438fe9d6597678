import { describe, expect, it } from '@jest/globals';
import { wireFormatOf } from './wire-format-of.js';

describe('wireFormatOf', () => {
  it.each([
    ['/v1/chat/completions', {}, 'openai'],
    ['/v1/nothing', {}, 'openai'],
    ['/v1/messages', {}, 'anthropic'],
    ['/v1/messages/count_tokens', {}, 'anthropic'],
    ['/v1/models', {}, 'openai'],
    ['/v1/models', { 'anthropic-version': '2023-06-01' }, 'anthropic'],
    ['/v1beta/models/m:generateContent', {}, 'gemini'],
    ['/admin/v1/accounts', {}, null],
    ['/healthz', {}, null],
  ] as const)('tells %s with %p as %p', (url, headers, format) => {
    expect(wireFormatOf({ url, headers })).toBe(format);
  });
});
