import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import { AccountAllowances } from './account-allowances.js';

const id = asId<'Account'>('a');
let nowMs = 10_000;
const heard = () => new AccountAllowances({ nowMs: () => nowMs });
const names = (allowances: AccountAllowances) => allowances.of(id).map(({ name }) => name);

describe('AccountAllowances', () => {
  it('shows the last word on each, and keeps what an answer does not mention', () => {
    const allowances = heard();
    allowances.note(id, {
      'x-ratelimit-limit-input-images': '50',
      'x-ratelimit-remaining-input-images': '49',
    });
    nowMs += 1_000;
    allowances.note(id, { 'x-ratelimit-limit-project-tokens': '100' });
    expect(allowances.of(id)).toMatchObject([
      { name: 'input_images', limit: 50, remaining: 49, atMs: nowMs - 1_000 },
      { name: 'project_tokens', limit: 100, remaining: null, atMs: nowMs },
    ]);
  });

  it('reads one answer a second of an account, and none that tells nothing', () => {
    const allowances = heard();
    allowances.note(id, { 'content-type': 'application/json', 'x-ratelimit-remaining-requests': '1' });
    expect(allowances.of(id)).toEqual([]);
    for (const cost of ['1', '2']) allowances.note(id, { 'x-ratelimit-tokens-query-cost': cost });
    expect(allowances.of(id)).toMatchObject([{ name: 'tokens', cost: 1 }]);
    nowMs += 1_000;
    allowances.note(id, { 'x-ratelimit-tokens-query-cost': '3' });
    expect(allowances.of(id)).toMatchObject([{ name: 'tokens', cost: 3 }]);
  });

  it('forgets windows of a plan that are no more', () => {
    const allowances = heard();
    for (const minutes of ['300', '10080', '17']) {
      allowances.note(id, { 'x-codex-primary-used-percent': '7', 'x-codex-primary-window-minutes': minutes });
      nowMs += 1_000;
    }
    expect(names(allowances)).toEqual(['plan_17m']);
  });

  it('forgets the accounts it met first when there are too many', () => {
    const allowances = heard();
    const headers = { 'x-ratelimit-tokens-query-cost': '1' };
    allowances.note(id, headers);
    for (let at = 0; at < 9_999; at += 1) allowances.note(asId<'Account'>(`b${at}`), headers);
    expect(names(allowances)).toEqual(['tokens']);
    allowances.note(asId<'Account'>('c'), headers);
    expect(names(allowances)).toEqual([]);
  });
});
