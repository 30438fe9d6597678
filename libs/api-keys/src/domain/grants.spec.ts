import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '#kernel';
import { AccessPermit, type NameRules } from './access-rules.js';
import { refuseBroader, type Grants } from './grants.js';

const all: NameRules = { allow: [], deny: [] };
const grants = (more: Partial<Grants>): Grants => ({
  scopes: ['call'],
  models: all,
  providers: all,
  ...more,
});

function isRefused(by: Partial<Grants>, given: Partial<Grants>): boolean {
  try {
    refuseBroader(grants(by), grants(given));
    return false;
  } catch (error) {
    expect(error instanceof DomainError && error.code).toBe('insufficient_scope');
    return true;
  }
}

const within = (bounds: Partial<NameRules>, rules: Partial<NameRules>): boolean =>
  !isRefused({ models: { ...all, ...bounds } }, { models: { ...all, ...rules } });

describe('a key gives no more than it has', () => {
  it('of scopes', () => {
    expect(isRefused({ scopes: ['admin:write'] }, { scopes: ['admin:write', 'call'] })).toBe(true);
    expect(isRefused({ scopes: ['admin:write', 'call'] }, { scopes: ['call'] })).toBe(false);
  });

  it.each<[Partial<NameRules>, Partial<NameRules>, boolean]>([
    [{}, {}, true],
    [{ allow: ['gpt-*'] }, {}, false],
    [{ allow: ['gpt-*'] }, { allow: ['gpt-5'] }, true],
    [{ allow: ['gpt-*'] }, { allow: ['gpt-5*', 'gpt-*'] }, true],
    [{ allow: ['gpt-*'] }, { allow: ['gpt*'] }, false],
    [{ allow: ['gpt-5'] }, { allow: ['gpt-5*'] }, false],
    [{ deny: ['gpt-5'] }, {}, false],
    [{ deny: ['gpt-5'] }, { deny: ['gpt-*'] }, true],
    [{ deny: ['gpt-*'] }, { deny: ['gpt-5'] }, false],
  ])('of models: within %j lies %j: %p', (bounds, rules, expected) => {
    expect(within(bounds, rules)).toBe(expected);
  });

  it('of providers', () => {
    const openai = { providers: { allow: ['openai'], deny: [] } };
    expect(isRefused(openai, {})).toBe(true);
    expect(isRefused(openai, openai)).toBe(false);
  });

  it('so that whatever it gives reaches no target that it does not reach itself', () => {
    const names = fc.constantFrom('a', 'ab', 'abc', 'b');
    const patterns = fc.array(
      fc.tuple(names, fc.constantFrom('', '*')).map(([name, star]) => name + star),
      {
        maxLength: 3,
      },
    );
    const rules = fc.record({ allow: patterns, deny: patterns });
    fc.assert(
      fc.property(rules, rules, names, (bounds, given, asked) => {
        fc.pre(within(bounds, given));
        const reaches = (models: NameRules) =>
          AccessPermit.of({ models, providers: all })?.reaches(asked, 'p', 'm') ?? true;
        expect(reaches(given) && !reaches(bounds)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});
