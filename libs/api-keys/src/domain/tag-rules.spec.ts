import { describe, expect, it } from '@jest/globals';
import { refuseWrongTags, tagRulesOf } from './tag-rules.js';

function refusalOf(
  required: string[],
  allowed: string[] | null,
  tags: Record<string, string>,
): string | null {
  try {
    const rules = tagRulesOf(required, allowed);
    if (rules !== null) refuseWrongTags(rules, tags);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the tags of a call', () => {
  it('are free without a rule', () => {
    expect(tagRulesOf([], null)).toBeNull();
  });

  it.each<[string[], string[] | null, Record<string, string>, RegExp | null]>([
    [['team'], null, { team: 'a', other: 'b' }, null],
    [['team'], null, { other: 'b' }, /must set the tag 'team'/],
    [['toString'], null, {}, /must set the tag 'toString'/],
    [[], ['team'], { team: 'a' }, null],
    [[], ['team'], {}, null],
    [[], ['team'], { team: 'a', cost: 'b' }, /may not set the tag 'cost'/],
    [['team'], [], { team: 'a' }, null],
    [[], [], { team: 'a' }, /may not set the tag 'team'/],
  ])('required %j, allowed %j: %j', (required, allowed, tags, fault) => {
    const refusal = refusalOf(required, allowed, tags);
    if (fault === null) expect(refusal).toBeNull();
    else expect(refusal).toMatch(fault);
  });
});
