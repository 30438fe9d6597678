/** What a limit counts: calls, all tokens, or one direction of them (uncached input, output). */
export type LimitUnit = 'requests' | 'tokens' | 'inputTokens' | 'outputTokens';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Every limit a provider may set, by its usual name. */
export const limitTable = {
  rpm: { unit: 'requests', windowMs: minuteMs },
  tpm: { unit: 'tokens', windowMs: minuteMs },
  itpm: { unit: 'inputTokens', windowMs: minuteMs },
  otpm: { unit: 'outputTokens', windowMs: minuteMs },
  rpd: { unit: 'requests', windowMs: dayMs },
  tpd: { unit: 'tokens', windowMs: dayMs },
} as const satisfies Record<string, { unit: LimitUnit; windowMs: number }>;

/** `rpm`, `tpm`, `itpm`, `otpm`, `rpd`, `tpd`. */
export type LimitName = keyof typeof limitTable;

/** The names in the order of {@link limitTable}. */
export const limitNames = Object.keys(limitTable) as readonly LimitName[];

/** Limits of one key or organisation. An absent one does not limit; each refills continuously and starts full. */
export type LimitsSpec = { readonly [name in LimitName]?: number } & {
  /** Calls that may run at the same time. */
  readonly maxConcurrency?: number;
};
