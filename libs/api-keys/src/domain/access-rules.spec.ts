import { describe, expect, it } from '@jest/globals';
import { AccessPermit } from './access-rules.js';

const all = { allow: [], deny: [] };
const permit = (allow: string[], deny: string[], providers: Partial<typeof all> = {}) =>
  AccessPermit.of({ models: { allow, deny }, providers: { ...all, ...providers } });

describe('what a key may reach', () => {
  it('is everything without a rule, at no cost', () => {
    expect(permit([], [])).toBeNull();
  });

  it.each<[string[], string[], string, boolean]>([
    [['gpt-5'], [], 'gpt-5', true],
    [['gpt-5'], [], 'gpt-5-mini', false],
    [['gpt-*'], [], 'gpt-5-mini', true],
    [['gpt-*'], ['gpt-5*'], 'gpt-5-mini', false],
    [[], ['*'], 'gpt-5', false],
    [['*'], [], 'anthropic/claude', true],
    [['gpt-5'], [], 'GPT-5', false],
    [['g.t-5'], [], 'gpt-5', false],
  ])('by name: allow %j, deny %j: %s -> %p', (allow, deny, asked, expected) => {
    expect(permit(allow, deny)?.knows(asked)).toBe(expected);
    expect(permit(allow, deny)?.reaches(asked, 'somewhere', 'some-model')).toBe(expected);
  });

  it.each<[string[], string[], boolean]>([
    [['smart'], [], true],
    [['openai/gpt-5'], [], true],
    [['openai/*'], [], true],
    [['openai/gpt-4*'], [], false],
    [['gpt-5'], [], false],
    [['smart'], ['openai/gpt-5'], false],
    [['smart'], ['gpt-5*'], false],
    [['smart'], ['groq/*'], true],
    [[], ['smart'], false],
  ])(
    'by where a name leads: allow %j, deny %j: smart, which is openai/gpt-5 -> %p',
    (allow, deny, expected) => {
      expect(permit(allow, deny)?.reaches('smart', 'openai', 'gpt-5')).toBe(expected);
    },
  );

  it.each<[{ allow?: never[] | string[]; deny?: string[] }, boolean]>([
    [{ allow: ['openai'] }, true],
    [{ allow: ['groq'] }, false],
    [{ deny: ['openai'] }, false],
    [{ allow: ['open*'], deny: ['openai-eu'] }, true],
  ])('by provider: %j -> %p', (providers, expected) => {
    expect(permit([], [], providers as never)?.reaches('smart', 'openai', 'gpt-5')).toBe(expected);
  });
});
