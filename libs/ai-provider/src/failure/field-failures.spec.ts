import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { adapterFor } from '../../../../test/support/failure-fixtures.js';

/** A failure seen by somebody else; `source` is the GitHub thread. Ids and numbers are shortened or invented. */
interface FieldFailure {
  readonly id: string;
  readonly kind: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly class: string;
  readonly scope: string;
  readonly retryAfterMs?: number;
}

const failures = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/field-failures.json', import.meta.url), 'utf8'),
) as readonly FieldFailure[];

describe('failures seen in the field', () => {
  it('are at least sixty, of all kinds that have rules of their own', () => {
    expect(failures.length).toBeGreaterThanOrEqual(60);
    expect(new Set(failures.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(failures.map(({ id }) => id)).size).toBe(failures.length);
  });

  it.each(failures.map((failure) => [failure.id, failure] as const))('%s is understood', (_, failure) => {
    const { kind, status, headers = {}, body } = failure;
    const verdict = adapterFor(kind).classify({ status, headers, body, transportCode: null }, 0);
    expect({ class: verdict.class, scope: verdict.scope, retryAfterMs: verdict.retryAfterMs }).toEqual({
      class: failure.class,
      scope: failure.scope,
      retryAfterMs: failure.retryAfterMs ?? null,
    });
  });
});
