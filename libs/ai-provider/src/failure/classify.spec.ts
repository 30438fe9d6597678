import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureClasses, isCallersFault } from '#kernel';
import type { AnswerHeaders, FailedAnswer, ProviderAdapter } from '../contract/provider-adapter.js';
import { ProviderRegistry } from '../provider-registry.js';
import { aModelCall } from '../../../../test/support/a-model-call.js';

interface ErrorRow {
  readonly id: string;
  readonly provider: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly event?: string;
  readonly class: string;
  readonly scope: string;
  readonly retry_after_ms: number | null;
  readonly now?: string;
  readonly also_accept?: { readonly class?: readonly string[]; readonly scope?: readonly string[] };
}

const rows = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/provider-errors.json', import.meta.url), 'utf8'),
) as readonly ErrorRow[];

const registry = new ProviderRegistry();
const own = new Set([...registry.kinds, 'gemini', 'azure', 'openai_compatible', 'edge', 'transport']);
const kindsByName: Readonly<Record<string, string>> = {
  gemini: 'google',
  vertex: 'google',
  azure: 'azure-openai',
  openai_compatible: 'openai-compatible',
};
const kindOf = (provider: string) => kindsByName[provider] ?? provider;
const adapterOf = (provider: string): ProviderAdapter => {
  const adapter = registry.get(kindOf(provider)) ?? registry.get('openai-compatible');
  if (adapter === null) throw new Error('no adapter');
  return adapter;
};

/** What a framed exception of AWS says, written down in the fixtures as lines. */
function exceptionIn(event: string): unknown {
  const type = /:exception-type: (\w+)/.exec(event)?.[1];
  const payload = JSON.parse(event.slice(event.indexOf('{'))) as object;
  return { error: { type, ...payload } };
}

/** The error of a started stream, found the way the client finds it. */
function errorInStream(row: ErrorRow, event: string): unknown {
  if (event.startsWith(':message-type: exception')) return exceptionIn(event);
  const isClaude = event.includes('message_start');
  const adapter = isClaude ? adapterOf('anthropic') : adapterOf(row.provider);
  const operation = event.includes('response.') ? 'responses' : 'chat_completions';
  const reader = adapter.readStream(aModelCall({ operation, stream: true }));
  reader.read(Buffer.from(event));
  reader.finish();
  return reader.error;
}

function answerOf(row: ErrorRow): FailedAnswer {
  const headers: AnswerHeaders = Object.fromEntries(
    Object.entries(row.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const transport = row.provider === 'transport' ? (row.body as { transport: string }).transport : null;
  const body = row.event === undefined || transport !== null ? row.body : errorInStream(row, row.event);
  return { status: row.status, headers, body, transportCode: transport };
}

const classified = (row: ErrorRow) => {
  const nowMs = Date.parse(row.now ?? '2026-09-20T12:00:00Z');
  const failure = adapterOf(row.provider).classify(answerOf(row), nowMs);
  // The fixtures know no class of their own for a broken connection.
  return { ...failure, class: failure.class === 'transport' ? 'server_error' : failure.class };
};

/** Right, or another answer that the fixture calls defensible. */
const isDefensible = (row: ErrorRow) => {
  const failure = classified(row);
  return (
    [row.class, ...(row.also_accept?.class ?? [])].includes(failure.class) &&
    [row.scope, ...(row.also_accept?.scope ?? [])].includes(failure.scope) &&
    failure.retryAfterMs === row.retry_after_ms
  );
};

const ownRows = rows.filter((row) => own.has(row.provider));
const otherRows = rows.filter((row) => !own.has(row.provider));

describe('classifier', () => {
  it.each(ownRows.map((row) => [row.id, row] as const))('understands %s', (_, row) => {
    const { class: failure, scope, retryAfterMs } = classified(row);
    expect({ failure, scope, retryAfterMs }).toEqual({
      failure: row.class,
      scope: row.scope,
      retryAfterMs: row.retry_after_ms,
    });
  });

  it('understands at least nine in ten failures of the providers it has no adapter for', () => {
    const understood = otherRows.filter(isDefensible);
    expect(understood.length).toBeGreaterThanOrEqual(otherRows.length * 0.9);
  });

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
    expect(() => registry.get('openai')?.classify(answer, 0)).not.toThrow();
  });

  it('never throws and never answers with a wait that is no whole number, whatever it is shown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...registry.kinds),
        fc.record({
          status: fc.oneof(fc.constant(null), fc.integer({ min: 100, max: 999 })),
          headers,
          body: bodies,
          transportCode: fc.oneof(fc.constant(null), fc.string()),
        }),
        (kind, answer) => {
          const failure = adapterOf(kind).classify(answer, 1_789_905_600_000);
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
        fc.constantFrom(...registry.kinds),
        fc.constantFrom(400, 422),
        echo,
        quoted,
        (kind, status, text, quote) => {
          const body = { error: { message: quote(text), type: 'invalid_request_error', code: null } };
          const failure = adapterOf(kind).classify({ status, headers: {}, body, transportCode: null }, 0);
          expect(failure).toMatchObject({ class: 'invalid_request', scope: 'request' });
        },
      ),
    );
  });

  it('never blames an account for a request that is at fault itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...registry.kinds),
        fc.constantFrom(400, 405, 409, 413, 415, 422),
        fc.oneof(fc.constant(''), fc.lorem(), fc.record({ error: fc.record({ message: fc.lorem() }) })),
        (kind, status, body) => {
          const failure = adapterOf(kind).classify({ status, headers: {}, body, transportCode: null }, 0);
          expect(isCallersFault(failure.class)).toBe(true);
          expect(failure).toMatchObject({ scope: 'request', retryAfterMs: null });
        },
      ),
    );
  });
});
