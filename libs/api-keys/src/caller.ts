import type { ApiKeyId } from '#kernel';

/** What a system key may do. */
export const scopes = ['call', 'admin:read', 'admin:operate', 'admin:write', 'audit:read'] as const;
/** One of {@link scopes}. */
export type Scope = (typeof scopes)[number];

/** Who calls: a verified system key. */
export interface Caller {
  /** `null` for the root admin secret of the environment. */
  readonly apiKeyId: ApiKeyId | null;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Its share while more calls wait than accounts can take, relative to other keys, > 0. */
  readonly weight: number;
  /** Model names the key may use; `deny` wins, an empty `allow` means all, `*` at the end matches any rest. */
  readonly models: { readonly allow: readonly string[]; readonly deny: readonly string[] };
}

/** Verifies presented keys against the snapshot in memory: no I/O, no await, constant-time comparison. */
export abstract class ApiKeyVerifier {
  /**
   * @param presented the key as it came in `Authorization: Bearer`, `x-api-key` or `x-goog-api-key`
   * @returns the caller, or `null` when the key is malformed, unknown, revoked or expired (the same for all)
   */
  abstract verify(presented: string): Caller | null;
}
