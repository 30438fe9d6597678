import { describe, expect, it } from '@jest/globals';
import type { KeySpec, OrganisationSpec } from '../scenario/scenario.js';
import { Account, Organisation } from './account.js';
import { admit, release } from './admit.js';
import { tightest } from './quota.js';

const cost = (tokens: number) => ({ requests: 1, tokens, inputTokens: tokens, outputTokens: 0 });
const organisation = (spec: OrganisationSpec = {}) => new Organisation('org-a', spec, {}, 0);
const account = (spec: Partial<KeySpec>, shared = organisation()) =>
  new Account({ key: 'sk', ...spec }, shared, 0, 0);

describe('admission', () => {
  it('takes nothing when one of several limits refuses', () => {
    const limited = account({ limits: { rpm: 10, tpm: 100 } });
    expect(admit(limited, cost(101), 0)).toMatchObject({ kind: 'limited', shortage: { waitMs: Infinity } });
    expect(tightest(limited.quotas, 0).map((view) => view.remaining)).toEqual([10, 100]);
  });

  it('names the limit that keeps the call away longest', () => {
    const limited = account({ limits: { rpm: 60, rpd: 1 } });
    expect(admit(limited, cost(1), 0)).toBeUndefined();
    expect(admit(limited, cost(1), 0)).toMatchObject({
      shortage: { view: { name: 'rpd', remaining: 0 }, waitMs: 86_400_000 },
    });
  });

  it('shares limits, concurrency and credit among the keys of an organisation', () => {
    const shared = organisation({ limits: { rpm: 2, maxConcurrency: 5 }, creditUsd: 1 });
    const [one, two] = [account({ key: 'a' }, shared), account({ key: 'b' }, shared)];
    expect(admit(one, cost(1), 0)).toBeUndefined();
    expect(admit(two, cost(1), 0)).toBeUndefined();
    expect(admit(one, cost(1), 0)).toMatchObject({ kind: 'limited', shortage: { waitMs: 30_000 } });
    two.pay(1);
    expect(admit(one, cost(1), 60_000)).toEqual({ kind: 'credit_spent' });
  });

  it('admits no more calls at once than allowed, and again after one has ended', () => {
    const narrow = account({ limits: { maxConcurrency: 1 } });
    expect(admit(narrow, cost(1), 0)).toBeUndefined();
    expect(admit(narrow, cost(1), 0)).toEqual({ kind: 'too_many_at_once', limit: 1 });
    release(narrow);
    expect(admit(narrow, cost(1), 0)).toBeUndefined();
  });

  it('tells the tighter of a key and its organisation', () => {
    const shared = organisation({ limits: { rpm: 100, tpm: 50 } });
    const views = tightest(account({ limits: { rpm: 10 } }, shared).quotas, 0);
    expect(views.map(({ name, limit }) => [name, limit])).toEqual([
      ['rpm', 10],
      ['tpm', 50],
    ]);
  });
});

describe('a key', () => {
  it('is accepted from its activation until its revocation', () => {
    const late = account({ activeFromMs: 100, revokedFromMs: 200 });
    expect([99, 100, 199, 200].map((atMs) => late.isAccepted(atMs))).toEqual([false, true, true, false]);
    late.revokeFrom(150);
    expect(late.isAccepted(150)).toBe(false);
  });
});
