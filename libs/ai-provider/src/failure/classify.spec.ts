import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureClasses, isCallersFault } from '#kernel';
import { adapterFor, answerOf, errorRows } from '../../../../test/support/failure-fixtures.js';
import { providerKinds } from '../provider-registry.js';

describe('classifier', () => {
  it.each(errorRows.map((row) => [row.id, row] as const))('understands %s', (_, row) => {
    const nowMs = Date.parse(row.now ?? '2026-09-20T12:00:00Z');
    const { class: failure, scope, retryAfterMs } = adapterFor(row.provider).classify(answerOf(row), nowMs);
    // The fixtures know no class of their own for a broken connection.
    expect({ failure: failure === 'transport' ? 'server_error' : failure, scope, retryAfterMs }).toEqual({
      failure: row.class,
      scope: row.scope,
      retryAfterMs: row.retry_after_ms,
    });
  });

  it.each(errorRows.filter(({ provider, event }) => provider === 'bedrock' && event !== undefined))(
    'understands $id in a stream of Converse too',
    (row) => {
      const answer = answerOf(row, 'converse');
      expect(adapterFor('bedrock').classify(answer, 0)).toMatchObject({ class: row.class, scope: row.scope });
    },
  );

  const bodies = fc.oneof(
    fc.anything(),
    fc.json(),
    fc.string().map((text) => `<html><body>${text}</body></html>`),
    fc.json().map((text) => text.slice(0, text.length / 2)),
    fc.record({ error: fc.record({ message: fc.anything(), code: fc.anything(), details: fc.anything() }) }),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'retry-after',
      'retry-after-ms',
      'x-ratelimit-reset-requests',
      'content-type',
      'x-ratelimit-reset',
    ),
    fc.oneof(fc.string(), fc.array(fc.string())),
  );

  it('takes a code that is neither number nor text for none', () => {
    const body = { error: { message: 'no', code: { toString: 0 }, status: [503] } };
    const answer = { status: 200, headers: {}, body, transportCode: null };
    expect(() => adapterFor('openai').classify(answer, 0)).not.toThrow();
  });

  it('never throws and never answers with a wait that is no whole number, whatever it is shown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...providerKinds),
        fc.record({
          status: fc.oneof(fc.constant(null), fc.integer({ min: 100, max: 999 })),
          headers,
          body: bodies,
          transportCode: fc.oneof(fc.constant(null), fc.string()),
        }),
        (kind, answer) => {
          const failure = adapterFor(kind).classify(answer, 1_789_905_600_000);
          expect(failureClasses).toContain(failure.class);
          expect(failure.retryAfterMs === null || Number.isSafeInteger(failure.retryAfterMs)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  const echo = fc.constantFrom(
    'your credit balance is too low',
    'Incorrect API key provided',
    'Rate limit reached, try again in 5s',
    'User location is not supported',
    'organization has been disabled',
    'The engine is currently overloaded',
    'the model does not exist',
  );
  const quoted = fc.constantFrom(
    (text: string) => `Invalid value: '${text}'. Supported values are: 'low', 'high'.`,
    (text: string) => `Unrecognized request argument: "${text}"`,
    (text: string) => `messages.0.content: \`${text}\` is not allowed`,
  );

  it('never blames an account for words that a provider quotes from the request', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...providerKinds),
        fc.constantFrom(400, 422),
        echo,
        quoted,
        (kind, status, text, quote) => {
          const body = { error: { message: quote(text), type: 'invalid_request_error', code: null } };
          const failure = adapterFor(kind).classify({ status, headers: {}, body, transportCode: null }, 0);
          expect(failure).toMatchObject({ class: 'invalid_request', scope: 'request' });
        },
      ),
    );
  });

  it('never blames an account for a request that is at fault itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...providerKinds),
        fc.constantFrom(400, 405, 409, 413, 415, 422),
        fc.oneof(fc.constant(''), fc.lorem(), fc.record({ error: fc.record({ message: fc.lorem() }) })),
        (kind, status, body) => {
          const failure = adapterFor(kind).classify({ status, headers: {}, body, transportCode: null }, 0);
          expect(isCallersFault(failure.class)).toBe(true);
          expect(failure).toMatchObject({ scope: 'request', retryAfterMs: null });
        },
      ),
    );
  });
});
