import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isCallersFault } from '#kernel';
import type { FailedAnswer } from '../contract/provider-adapter.js';
import { ProviderRegistry } from '../provider-registry.js';
import { ProviderJudge } from './provider-judge.js';
import { operatorClasses, usualScope } from './operator-rule.js';
import type { OperatorRule } from './operator-rule.js';

const adapter = new ProviderRegistry().get('openai');
if (adapter === null) throw new Error('no adapter');

const answer = (status: number, error: object, headers: FailedAnswer['headers'] = {}): FailedAnswer => ({
  status,
  headers,
  body: { error },
  transportCode: null,
});
const rule = (more: Partial<OperatorRule>): OperatorRule => ({
  name: 'mine',
  match: { status: 422 },
  class: 'quota_exhausted',
  scope: 'account',
  coolDownMs: null,
  ...more,
});
const suspended = answer(422, {
  message: 'Tenant 12 is suspended until tomorrow',
  type: 'tenant_error',
  code: 'TENANT_12_SUSPENDED',
});

describe('ProviderJudge', () => {
  it.each([
    ['status', { status: 422 }],
    ['a whole code', { code: 'tenant_*_suspended' }],
    ['a whole type', { type: 'Tenant_Error' }],
    ['a part of the message', { message: 'TENANT * is suspended' }],
    ['all at once', { status: 422, code: '*', type: 'tenant*', message: 'until' }],
  ])('lets an operator recognise an answer by %s', (_, match) => {
    const judge = new ProviderJudge(adapter);
    expect(judge.classify(suspended, 0)).toMatchObject({ class: 'invalid_request', scope: 'request' });
    judge.follow([rule({ match })]);
    expect(judge.classify(suspended, 0)).toEqual({
      class: 'quota_exhausted',
      scope: 'account',
      rule: 'operator.mine',
      retryAfterMs: null,
    });
  });

  it.each([
    ['another status', { status: 423 }],
    ['a part of a code', { code: 'tenant' }],
    ['a code where a type is asked for', { type: 'tenant_12_suspended' }],
    ['one of two conditions', { status: 422, message: 'deleted' }],
  ])('does not take %s for a match', (_, match) => {
    const judge = new ProviderJudge(adapter);
    judge.follow([rule({ match })]);
    expect(judge.classify(suspended, 0).rule).not.toContain('operator');
  });

  it('decides by the first rule that holds, and by the built-in ones where none does', () => {
    const judge = new ProviderJudge(adapter);
    judge.follow([
      rule({ name: 'first', match: { status: 401 } }),
      rule({ name: 'second' }),
      rule({ name: 'third' }),
    ]);
    expect(judge.classify(suspended, 0).rule).toBe('operator.second');
    const denied = answer(403, { message: 'no', code: 'unsupported_country_region_territory' });
    expect(judge.classify(denied, 0)).toEqual(adapter.classify(denied, 0));
  });

  it('rests as long as the rule says, else as long as the provider says, and never for what does not pass', () => {
    const judge = new ProviderJudge(adapter);
    const hinted = answer(422, { message: 'busy' }, { 'retry-after': '7' });
    const waitOf = (more: Partial<OperatorRule>) => {
      judge.follow([rule(more)]);
      return judge.classify(hinted, 0).retryAfterMs;
    };
    expect(waitOf({ class: 'rate_limited', coolDownMs: 60_000 })).toBe(60_000);
    expect(waitOf({ class: 'rate_limited' })).toBe(7_000);
    expect(waitOf({ class: 'authentication' })).toBeNull();
    expect(waitOf({ class: 'invalid_request', scope: 'request' })).toBeNull();
  });

  it('is not led by words that a provider quotes from the request', () => {
    const judge = new ProviderJudge(adapter);
    judge.follow([rule({ match: { message: 'tenant suspended' } })]);
    for (const quoted of ['"tenant suspended"', "'tenant suspended'", '`tenant suspended`']) {
      const verdict = judge.classify(answer(400, { message: `Invalid value: ${quoted}.` }), 0);
      expect(verdict).toMatchObject({ class: 'invalid_request', scope: 'request' });
    }
  });

  it('leaves broken connections and aborts to the built-in rules, and forgets aborts', () => {
    const judge = new ProviderJudge(adapter);
    judge.follow([rule({ match: { message: '*' } })]);
    const broken = (transportCode: string) =>
      judge.classify({ status: null, headers: {}, body: null, transportCode }, 0).rule;
    expect(broken('ECONNRESET')).toBe('transport.connection');
    expect(broken('AbortError')).toBe('transport.client_abort');
    expect(judge.recent().map(({ failure }) => failure.rule)).toEqual(['transport.connection']);
  });

  it('never throws and answers with the class of its rule, whatever the body', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...operatorClasses),
        fc.integer({ min: 400, max: 599 }),
        fc.anything(),
        (failure, status, body) => {
          const judge = new ProviderJudge(adapter);
          judge.follow([rule({ match: { status }, class: failure, scope: usualScope(failure) })]);
          const verdict = judge.classify({ status, headers: {}, body, transportCode: null }, 0);
          expect(verdict).toMatchObject({ class: failure, rule: 'operator.mine' });
          expect(isCallersFault(failure) ? verdict.scope : 'request').toBe('request');
        },
      ),
    );
  });
});

describe('what a judge remembers', () => {
  it('is the last 200 failures, the newest first', () => {
    const judge = new ProviderJudge(adapter);
    for (let at = 0; at < 450; at += 1) judge.classify(answer(500, { message: `number ${at}` }), at);
    const recent = judge.recent();
    expect(recent).toHaveLength(200);
    expect([recent[0], recent[199]].map((failure) => failure?.message)).toEqual(['number 449', 'number 250']);
  });

  it.each([
    'sk-proj-CANARY0123456789abcdef',
    'AIzaSyCANARY0123456789abcdefghijklmnopq',
    'CANARY-7f3a9b2c4d5e6f708192a3b4',
    'CANARY0123456789abcdef0123456789abcdef==',
  ])('holds no key: %s', (key) => {
    const judge = new ProviderJudge(adapter);
    judge.classify(answer(401, { message: `Incorrect API key provided: ${key}.`, code: key, type: key }), 0);
    judge.classify({ status: 502, headers: {}, body: `<p>${key}</p>`, transportCode: null }, 0);
    expect(JSON.stringify(judge.recent()).toLowerCase()).not.toContain('canary');
  });

  it('holds nothing that a provider quotes of a prompt, and no more than 500 characters of a message', () => {
    const judge = new ProviderJudge(adapter);
    judge.classify(
      answer(400, { message: `Invalid 'my secret diary' in "dear diary": ${'x y '.repeat(5_000)}` }),
      0,
    );
    judge.classify(
      {
        status: 422,
        headers: {},
        body: { detail: [{ msg: 'bad', input: 'my diary' }] },
        transportCode: null,
      },
      0,
    );
    const recent = judge.recent();
    expect(JSON.stringify(recent)).not.toContain('diary');
    expect(recent[1]?.message.length).toBeLessThanOrEqual(500);
  });

  it('is what a dry run judges anew, without putting the rule in force', () => {
    const judge = new ProviderJudge(adapter);
    judge.classify(suspended, 1);
    judge.classify(answer(500, { message: 'other' }), 2);
    const { examined, changed } = judge.dryRun([rule({ match: { message: 'tenant * is suspended' } })]);
    expect(examined).toBe(2);
    expect(changed).toMatchObject([
      {
        seen: { atMs: 1, status: 422, codes: ['tenant_12_suspended', 'tenant_error'] },
        before: { class: 'invalid_request' },
        after: { class: 'quota_exhausted', rule: 'operator.mine' },
      },
    ]);
    expect(judge.classify(suspended, 3).class).toBe('invalid_request');
  });

  it('is judged in a dry run as it would be now, not as it was then', () => {
    const judge = new ProviderJudge(adapter);
    judge.classify(suspended, 1);
    judge.follow([rule({})]);
    expect(judge.dryRun([rule({})]).changed).toEqual([]);
    expect(judge.dryRun([]).changed).toMatchObject([
      { before: { rule: 'operator.mine' }, after: { class: 'invalid_request' } },
    ]);
  });
});
