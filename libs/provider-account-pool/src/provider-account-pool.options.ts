import type { Secret } from '#kernel';
import type { SelectionStrategy } from '#pool-core';
import type { StaticPoolKey } from './domain/static-accounts.js';

/** How the module is set up; all of it may come from the environment. */
export interface ProviderAccountPoolOptions {
  /** Accounts that need no database. */
  readonly staticPool?: {
    /** From `<PROVIDER>_API_KEY`: tried before `keys`. */
    readonly singleKeys: readonly StaticPoolKey[];
    /** From `SIDE_POOL_KEYS`: the ring of the managed credit pool. */
    readonly keys: readonly StaticPoolKey[];
    /** How long a key rests after a 429 without a hint, > 0, default 5 minutes. */
    readonly coolDownMs: number;
  };
  /** Redis through which replicas share what their pools use and find out; `null`, the default: each for itself. */
  readonly redisUrl?: Secret | null;
  /** Hours between two readings of an account's list of models, 0 for none but by hand, default 6. */
  readonly modelRefreshHours?: number;
  /** Strategies of the host's own, which providers may name besides ours. One that breaks the contract ends the start. */
  readonly strategies?: readonly SelectionStrategy[];
  /** `<PROVIDER>_BASE_URL` by provider kind, in place of the kind's own. */
  readonly baseUrls?: Readonly<Record<string, string>>;
  /** Whether base URLs may point to loopback and private ranges, default `allow`. */
  readonly privateUpstreams?: 'allow' | 'deny';
  /** After this long without being settled a lease counts as aborted, > 0, default 15 minutes. */
  readonly leaseTtlMs?: number;
  /** Probes under way at once per provider, >= 1, default 2. */
  readonly probesAtOncePerProvider?: number;
  /** How long timelines are kept, > 0, default 90 days. */
  readonly timelineRetentionDays?: number;
}

/** Injection token of the {@link ProviderAccountPoolOptions}. */
export const POOL_OPTIONS = Symbol('ProviderAccountPoolOptions');
