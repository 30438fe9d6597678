import type { ApiKeyId } from '#kernel';
import type { AddressRule } from './addresses/address-rule.js';
import type { AccessPermit, AccessRules } from './domain/access-rules.js';
import type { KeyMeter } from './limits/key-meter.js';
import type { TagRules } from './domain/tag-rules.js';

/** What a system key may do. */
export const scopes = ['call', 'admin:read', 'admin:operate', 'admin:write', 'audit:read'] as const;
/** One of {@link scopes}. */
export type Scope = (typeof scopes)[number];

/** Who calls: a verified system key. Rules that are `null` restrict nothing. */
export interface Caller extends AccessRules {
  /** `null` for the root admin secret of the environment. */
  readonly apiKeyId: ApiKeyId | null;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Its share while more calls wait than accounts can take, relative to other keys, > 0. */
  readonly weight: number;
  /** Models and providers it may reach, ready to be asked. */
  readonly permit: AccessPermit | null;
  readonly tagRules: TagRules | null;
  /** From where it may be used. */
  readonly addresses: AddressRule | null;
  /** Keeps its calls within its limits and its budget. */
  readonly meter: KeyMeter | null;
}

/** Verifies presented keys against the snapshot in memory: no I/O, no await, constant-time comparison. */
export abstract class ApiKeyVerifier {
  /**
   * @param presented the key as it came in `Authorization: Bearer`, `x-api-key` or `x-goog-api-key`
   * @returns the caller, or `null` when the key is malformed, unknown, revoked or expired (the same for all)
   */
  abstract verify(presented: string): Caller | null;

  /**
   * Whose key a text is that {@link verify} refused: one that has expired, or is disabled or revoked. For the log and the audit log
   * alone. Proven by its hash: the lookup id is no secret, and nobody shall put refusals to the account of others.
   *
   * @returns `null` when it is nobody's
   */
  abstract ownerOfRefused(presented: string): ApiKeyId | null;

  /**
   * Whose a key is, without the key: for what was sealed for its holder. Not for the root secret, which has no id.
   *
   * @returns `null` when the key is revoked, disabled or expired
   */
  abstract holder(apiKeyId: ApiKeyId): Caller | null;
}
