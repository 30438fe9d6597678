import { asId, type ApiKeyId, type Secret } from '#kernel';
import type { Scope } from './caller.js';
import type { NameRules } from './domain/access-rules.js';
import type { TagRules } from './domain/tag-rules.js';
import type { ApiKeyEntity, ApiKeySecretEntity } from './persistence/api-key.entity.js';

/** What a key is good for now; the first that holds of `revoked`, `disabled`, `expired`. */
export type ApiKeyState = 'active' | 'disabled' | 'revoked' | 'expired';

/** A key as the admin API shows it: everything but the key itself and its hash. */
export interface ApiKeyView {
  readonly id: ApiKeyId;
  readonly name: string;
  readonly owner: string | null;
  readonly scopes: readonly Scope[];
  /** Its share while many wait, relative to other keys. */
  readonly weight: number;
  readonly models: NameRules;
  readonly providers: NameRules;
  readonly tags: TagRules;
  /** From where it may be used, addresses and CIDRs; empty: from everywhere. */
  readonly ipAllowlist: readonly string[];
  /** `report`: who is on no list is counted and logged, not refused. */
  readonly ipAllowlistMode: 'enforce' | 'report';
  /** When `report` turns into `enforce` by itself. */
  readonly ipReportUntil: Date | null;
  readonly state: ApiKeyState;
  readonly expiresAt: Date | null;
  readonly disabledAt: Date | null;
  readonly revokedAt: Date | null;
  /** Requests and tokens a minute, calls at once; `null`: unlimited. */
  readonly limits: {
    readonly rpm: number | null;
    readonly tpm: number | null;
    readonly maxConcurrency: number | null;
  };
  /** Decimal strings in US dollars; `null`: unlimited. */
  readonly budget: { readonly dailyUsd: string | null; readonly monthlyUsd: string | null };
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The newest secret up to its secret part: `pap_live_<keyId>_…`. */
  readonly preview: string;
  /** Late by up to a minute; `null`: never used. */
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Goes up with each change; for `If-Match`. */
  readonly version: number;
}

/** A key and the one chance to see it. */
export interface CreatedApiKey {
  readonly key: ApiKeyView;
  readonly secret: Secret;
}

/**
 * What people may see of a row.
 *
 * @param nowMs decides whether the key is expired
 */
export function viewOf(row: ApiKeyEntity, nowMs: number): ApiKeyView {
  const { id, name, owner, scopes, weight, modelsAllow, modelsDeny } = row;
  const { expiresAt, disabledAt, revokedAt } = row;
  return {
    id: asId<'ApiKey'>(id),
    name,
    owner,
    scopes,
    weight,
    models: { allow: modelsAllow, deny: modelsDeny },
    providers: { allow: row.providersAllow, deny: row.providersDeny },
    tags: { required: row.tagsRequired, allowed: row.tagsAllowed },
    ipAllowlist: row.ipAllowlist,
    ...reporting(row, nowMs),
    state: stateOf(row, nowMs),
    expiresAt,
    disabledAt,
    revokedAt,
    limits: { rpm: null, tpm: null, maxConcurrency: null, ...row.limits },
    budget: { dailyUsd: null, monthlyUsd: null, ...row.budget },
    metadata: row.metadata as ApiKeyView['metadata'],
    preview: newest(row.secrets)?.preview ?? '…',
    lastUsedAt: row.lastUsedAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    version: row.version,
  };
}

function reporting(
  { ipReportUntil }: ApiKeyEntity,
  nowMs: number,
): Pick<ApiKeyView, 'ipAllowlistMode' | 'ipReportUntil'> {
  const reports = ipReportUntil !== null && ipReportUntil.getTime() > nowMs;
  return { ipAllowlistMode: reports ? 'report' : 'enforce', ipReportUntil: reports ? ipReportUntil : null };
}

function stateOf({ revokedAt, disabledAt, expiresAt }: ApiKeyEntity, nowMs: number): ApiKeyState {
  if (revokedAt !== null) return 'revoked';
  if (disabledAt !== null) return 'disabled';
  return expiresAt !== null && expiresAt.getTime() <= nowMs ? 'expired' : 'active';
}

const newest = (secrets: readonly ApiKeySecretEntity[]): ApiKeySecretEntity | undefined =>
  secrets.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
