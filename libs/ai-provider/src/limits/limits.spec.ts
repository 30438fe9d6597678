import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import { readAllowances } from './allowance.js';
import { ProviderRegistry } from '../provider-registry.js';

interface Bucket {
  readonly bucket: string | null;
  readonly window?: string | null;
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAtMs: number | null;
  /** The wait, where the header tells one. */
  readonly retryAfterMs?: number;
  readonly status?: string | null;
  readonly claim?: string | null;
  readonly cost?: number;
  /** Headers beside it without which it means nothing. */
  readonly requires?: Readonly<Record<string, string>>;
}
interface HeaderRow {
  readonly id: string;
  readonly provider: string;
  readonly kind: 'header' | 'set';
  readonly header: string;
  readonly example: string;
  readonly window: string | null;
  /** Of a single header. */
  readonly parse?: Bucket;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a set. */
  readonly buckets?: readonly Bucket[];
  readonly now?: string;
}

const rows = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/rate-limit-headers.json', import.meta.url), 'utf8'),
) as readonly HeaderRow[];
const registry = new ProviderRegistry();
const kindsByName: Readonly<Record<string, string>> = {
  gemini: 'google',
  vertex: 'vertex-ai',
  azure: 'azure-openai',
  openai_compatible: 'openai-compatible',
};
const kindOf = (provider: string) => kindsByName[provider] ?? provider;

const bucketsOf = ({ parse, buckets = [] }: HeaderRow) => (parse === undefined ? buckets : [parse]);

/** What the pool schedules by; images, shares of a plan and priority tiers are allowances. */
const scheduled = new Set(['requests', 'tokens', 'input_tokens', 'output_tokens', 'default']);

const read = (row: HeaderRow, headers: Readonly<Record<string, string>>): readonly LimitReading[] => {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const nowMs = Date.parse(row.now ?? '2026-09-20T12:00:00Z');
  return registry.get(kindOf(row.provider))?.readLimits(lower, nowMs) ?? [];
};
const allowancesOf = (row: HeaderRow) => {
  const beside = row.parse?.requires ?? {};
  const given = row.kind === 'set' ? row.headers : { [row.header]: row.example, ...beside };
  return readAllowances(given, Date.parse(row.now ?? '2026-09-20T12:00:00Z'));
};
const expected = (buckets: readonly Bucket[], window?: string | null) =>
  buckets
    .filter(({ bucket, limit, remaining, resetAtMs }) => {
      return scheduled.has(bucket ?? '') && [limit, remaining, resetAtMs].some((value) => value !== null);
    })
    .map(({ bucket, limit, remaining, resetAtMs, ...rest }) => {
      const span = rest.window ?? window;
      const unit = bucket === 'default' ? 'requests' : bucket;
      return expect.objectContaining({
        unit,
        limit,
        remaining,
        resetAtMs,
        ...(span ? { window: span } : {}),
      });
    });

describe('limit headers', () => {
  it.each(rows.filter(({ kind }) => kind === 'header').map((row) => [row.id, row] as const))(
    '%s',
    (_, row) => {
      const readings = read(row, { [row.header]: row.example });
      expect(readings).toEqual(expected(bucketsOf(row), row.window));
    },
  );

  it.each(rows.filter(({ parse }) => parse?.retryAfterMs !== undefined).map((row) => [row.id, row] as const))(
    '%s tells a refused call how long to wait',
    (_, row) => {
      const nowMs = Date.parse(row.now ?? '2026-09-20T12:00:00Z');
      // The reset of a bucket is a wait where the bucket has nothing left.
      const isReset = row.header.startsWith('x-ratelimit-reset');
      const remaining = isReset ? { [row.header.replace('reset', 'remaining')]: '0' } : {};
      const headers = { [row.header]: row.example, ...remaining };
      const answer = { status: 429, headers, body: '', transportCode: null };
      const failure = registry.get(kindOf(row.provider))?.classify(answer, nowMs);
      expect(failure).toMatchObject({ class: 'rate_limited', retryAfterMs: row.parse?.retryAfterMs });
    },
  );

  it('that no account is chosen by are told as allowances, each of them', () => {
    const allowances = rows.flatMap((row) =>
      bucketsOf(row)
        .filter(({ bucket, cost }) => cost !== undefined || !scheduled.has(bucket ?? 'default'))
        .map((bucket) => ({ row, bucket })),
    );
    expect(allowances).toHaveLength(20);
    for (const { row, bucket } of allowances) {
      const { limit, remaining, resetAtMs, status = null, claim = null, cost = null } = bucket;
      const wanted = {
        name: bucket.bucket,
        limit,
        remaining: remaining === null ? null : expect.closeTo(remaining, 9),
        resetAtMs,
        ...(row.kind === 'header' ? { status, claim, cost } : {}),
      };
      expect({ id: row.id, told: allowancesOf(row) }).toEqual({
        id: row.id,
        told: expect.arrayContaining([expect.objectContaining(wanted)]),
      });
    }
  });

  it('of every row that tells anything are read: for the pool, as an allowance or as a wait', () => {
    const silent = rows.filter((row) => {
      const given = row.kind === 'set' ? row.headers : { [row.header]: row.example };
      const isWait = bucketsOf(row).some(({ retryAfterMs }) => retryAfterMs !== undefined);
      return !isWait && read(row, given).length === 0 && allowancesOf(row).length === 0;
    });
    // Providers that send no such headers, an image call without any, and an empty one.
    expect(silent.map(({ id }) => id).sort()).toEqual([
      'deepseek-set-none',
      'gemini-set-none',
      'generic-reset-empty',
      'openai-set-none-image-generation',
      'openrouter-set-none',
      'vertex-set-none',
      'vllm-set-none',
    ]);
  });

  it.each(rows.filter(({ kind }) => kind === 'set').map((row) => [row.id, row] as const))('%s', (_, row) => {
    const readings = read(row, row.headers);
    const wanted = expected(bucketsOf(row));
    expect(readings).toHaveLength(wanted.length);
    expect(readings).toEqual(expect.arrayContaining(wanted));
  });
});
