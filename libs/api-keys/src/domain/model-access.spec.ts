import { describe, expect, it } from '@jest/globals';
import { mayUseModel } from './model-access.js';

const may = (allow: string[], deny: string[], model: string) =>
  mayUseModel({ models: { allow, deny } }, model);

describe('model access of a caller', () => {
  it.each<[string[], string[], string, boolean]>([
    [[], [], 'gpt-5', true],
    [['gpt-5'], [], 'gpt-5', true],
    [['gpt-5'], [], 'gpt-5-mini', false],
    [['gpt-*'], [], 'gpt-5-mini', true],
    [['gpt-*'], ['gpt-5*'], 'gpt-5-mini', false],
    [[], ['*'], 'gpt-5', false],
    [['*'], [], 'anthropic/claude', true],
    [['gpt-5'], [], 'GPT-5', false],
    [['g.t-5'], [], 'gpt-5', false],
  ])('allow %j, deny %j: %s -> %p', (allow, deny, model, expected) => {
    expect(may(allow, deny, model)).toBe(expected);
  });
});
