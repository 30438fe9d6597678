import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureClasses, isCallersFault, type ProviderFailure } from '#kernel';
import { adapterFor, answerOf, errorRows, type ErrorRow } from '../../../../test/support/failure-fixtures.js';
import { providerKinds } from '../provider-registry.js';
import { ProviderJudge } from './provider-judge.js';

const nowMs = Date.parse('2026-09-20T12:00:00Z');
const callersStatuses = new Set([400, 404, 413, 422]);
const callersRows = errorRows.filter(
  ({ status, class: failure }) => callersStatuses.has(status ?? 0) && isCallersFault(failure as never),
);

/** Changes that a broken relay, a cut connection or a hostile server may make to a body. */
const mutations = fc.oneof(
  fc.nat({ max: 2_000 }).map((at) => ({ name: 'cut', change: (text: string) => text.slice(0, at) })),
  fc.constantFrom(
    { name: 'numbers for texts', change: (text: string) => text.replaceAll(/"[^"]*"(?=[,}])/g, '7') },
    { name: 'lists for texts', change: (text: string) => text.replaceAll(/("[^"]*")(?=[,}])/g, '[$1]') },
    { name: 'nothing for texts', change: (text: string) => text.replaceAll(/"[^"]*"(?=[,}])/g, 'null') },
    {
      name: 'names twice',
      change: (text: string) => text.replace('{', '{"error":7,"message":[],"code":{},'),
    },
    { name: 'in a list', change: (text: string) => `[${text}]` },
    { name: 'as a text', change: (text: string) => JSON.stringify(text) },
    { name: 'in an error', change: (text: string) => `{"error":${text}}` },
    { name: 'in a message', change: (text: string) => JSON.stringify({ error: { message: text } }) },
    {
      name: 'a thousand deep',
      change: (text: string) => `${'{"error":'.repeat(1_000)}${text}${'}'.repeat(1_000)}`,
    },
    { name: 'huge', change: (text: string) => `{"pad":"${'x'.repeat(20_000)}","error":${text}}` },
    { name: 'a page', change: (text: string) => `<html><body>${text}</body></html>` },
  ),
  fc.tuple(fc.nat({ max: 500 }), fc.string({ unit: 'binary', maxLength: 20 })).map(([at, noise]) => ({
    name: 'noise',
    change: (text: string) => text.slice(0, at) + noise + text.slice(at),
  })),
);

function mutated(row: ErrorRow, changes: readonly { change: (text: string) => string }[]) {
  const answer = answerOf(row);
  const whole = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const text = changes.reduce((present, { change }) => change(present), whole);
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // As the client does: what is no JSON is judged as text.
  }
  return new ProviderJudge(adapterFor(row.provider)).classify({ ...answer, body }, nowMs);
}

function expectSound(failure: ProviderFailure): void {
  expect(failureClasses).toContain(failure.class);
  expect(failure.retryAfterMs === null || Number.isSafeInteger(failure.retryAfterMs)).toBe(true);
}

describe('a classifier', () => {
  it.each(errorRows.map((row) => [row.id, row] as const))(
    'never throws, whatever becomes of the body of %s',
    (_, row) => {
      fc.assert(
        fc.property(fc.array(mutations, { minLength: 1, maxLength: 3 }), (changes) => {
          expectSound(mutated(row, changes));
        }),
        { numRuns: 12 },
      );
    },
  );

  it.each(callersRows.map((row) => [row.id, row] as const))(
    "takes a caller's fault for an account's under no change of its body: %s",
    (_, row) => {
      fc.assert(
        fc.property(fc.array(mutations, { minLength: 1, maxLength: 3 }), (changes) => {
          const failure = mutated(row, changes);
          expect(failure.scope === 'request' || isCallersFault(failure.class)).toBe(true);
        }),
        { numRuns: 40 },
      );
    },
  );
});

/** What rules look for in messages when they blame an account. */
const blame = fc.constantFrom(
  'your credit balance is too low',
  'Incorrect API key provided',
  'invalid x-api-key',
  'your organization has been disabled',
  'you exceeded your current quota, please check your plan and billing details',
  'User location is not supported for the API use',
  'the model `x` does not exist',
  'The engine is currently overloaded',
  'this account has been suspended, your account has been deactivated',
  'out of credits',
  'Operation not allowed',
);
/** How providers put what a caller wrote into a message: in quotes of any kind, or in none. */
const echoes = fc.constantFrom(
  (text: string) => `Invalid value: '${text}'. Supported values are: 'low', 'high'.`,
  (text: string) => `Unrecognized request argument: "${text}"`,
  (text: string) => `messages.0.content: \`${text}\` is not allowed`,
  (text: string) => `${text} is not a valid id`,
  (text: string, field: string) => `Invalid name passed in ${field}=${text}. Call /v1/models`,
  (text: string) => `1 validation error: input_value=${text}, input_type=str`,
  (text: string) => text,
);
const places = fc.constantFrom(
  (text: string) => ({ model: text, messages: [] }),
  (text: string) => ({
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: `so: ${text}!` }] }],
  }),
  (text: string) => ({ model: 'm', tools: [{ function: { parameters: { properties: { [text]: {} } } } }] }),
);
const bodies = fc.constantFrom(
  (message: string) => ({ error: { message, type: 'invalid_request_error', param: null, code: null } }),
  (message: string) => ({ type: 'error', error: { type: 'invalid_request_error', message } }),
  (message: string) => [{ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }],
  (message: string) => ({ detail: [{ type: 'value_error', loc: ['body'], msg: message }] }),
  (message: string) => ({ message }),
  (message: string) => message,
);

describe('the words of a caller', () => {
  it('bench no account, however a provider repeats them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...providerKinds),
        fc.constantFrom(400, 404, 413, 422),
        blame,
        echoes,
        places,
        bodies,
        (kind, status, text, echo, place, body) => {
          const json = place(text);
          const field = json.model === text ? 'model' : 'content';
          const answer = { status, headers: {}, body: body(echo(text, field)), transportCode: null };
          const judge = new ProviderJudge(adapterFor(kind));
          judge.follow([
            {
              name: 'credit',
              match: { message: 'credit balance * low' },
              class: 'quota_exhausted',
              scope: 'account',
              coolDownMs: null,
            },
          ]);
          const failure = judge.classify({ ...answer, call: { model: json.model, json } }, nowMs);
          // A model of such a name may be said to be none: nobody else asks for it.
          const isOfItsModel = failure.class === 'model_unavailable' && json.model === text;
          expect(isOfItsModel || isCallersFault(failure.class)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['quotes inside', 'your credit"x"balance is too low'],
    ['escapes', JSON.parse('"your \\u0063redit\\u0020balance is too low"') as string],
    ['capitals and lines', 'your CREDIT\nBALANCE is too low'],
  ])('hide behind nothing: %s', (_, text) => {
    const body = { error: { message: `No such model ${text.replaceAll(/\s+/g, ' ')}` } };
    const call = { model: text, json: { model: text } };
    const failure = adapterFor('openai').classify(
      { status: 400, headers: {}, body, transportCode: null, call },
      nowMs,
    );
    expect(failure).toMatchObject({ class: 'invalid_request', scope: 'request' });
  });

  it('take nothing away from what the provider says itself', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Your credit balance is too low.' },
    };
    const call = {
      model: 'm',
      json: { model: 'm', messages: [{ role: 'user', content: 'What is my balance?' }] },
    };
    const failure = adapterFor('anthropic').classify(
      { status: 400, headers: {}, body, transportCode: null, call },
      nowMs,
    );
    expect(failure).toMatchObject({ class: 'quota_exhausted', scope: 'organisation' });
  });

  it('are looked through in time that grows with their length alone', () => {
    const call = {
      model: 'm',
      json: JSON.parse(
        `${'['.repeat(2_000)}"${'ab '.repeat(100_000)}"${']'.repeat(2_000)}`,
      ) as unknown as null,
    };
    const body = { error: { message: 'Your credit balance is too low.' } };
    const startedMs = performance.now();
    const answer = { status: 400, headers: {}, body, transportCode: null, call };
    expect(adapterFor('openai').classify(answer, nowMs).class).toBe('quota_exhausted');
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
