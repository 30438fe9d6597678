import type { AnswerHeaders } from '../contract/provider-adapter.js';
import { readInstant } from './clock-text.js';
import { headerText } from './limit-bucket.js';

/** What a provider said of something that no account is chosen by: images, a plan's share, a tier that falls back to another. */
export interface Allowance {
  /** For example `input_images`, `plan_5h`, `unified_7d`, `priority_input_tokens`. */
  readonly name: string;
  /** Of what is counted, in the provider's measure: 100 where it tells percent, 1 where it tells a share; `null`: not told. */
  readonly limit: number | null;
  /** Of that, what is left; negative where more was taken. `null`: not told. */
  readonly remaining: number | null;
  /** When it is whole again, ms since the epoch; `null`: not told. */
  readonly resetAtMs: number | null;
  /** The provider's own word for where it stands (`allowed_warning`, `rejected`); `null`: none. */
  readonly status: string | null;
  /** What the answered call took of it; `null`: not told. */
  readonly cost: number | null;
  /** Which of its windows decides, in the provider's word; `null`: not told. */
  readonly claim: string | null;
}

const counted: readonly (readonly [name: string, limit: string, remaining: string, reset: string])[] = [
  ...['input-images', 'tokens_usage_based', 'project-tokens', 'tokens-cache-adjusted-prompt'].map(
    (name) =>
      [
        name === 'tokens-cache-adjusted-prompt' ? 'cache_adjusted_input_tokens' : name.replaceAll('-', '_'),
        `x-ratelimit-limit-${name}`,
        `x-ratelimit-remaining-${name}`,
        `x-ratelimit-reset-${name}`,
      ] as const,
  ),
  ...['input', 'output'].map(
    (side) =>
      [
        `priority_${side}_tokens`,
        `anthropic-priority-${side}-tokens-limit`,
        `anthropic-priority-${side}-tokens-remaining`,
        `anthropic-priority-${side}-tokens-reset`,
      ] as const,
  ),
];
const unified = 'anthropic-ratelimit-unified';
const codex = 'x-codex';
const queryCost = 'x-ratelimit-tokens-query-cost';

/** One header of each family: an answer without any of them tells no allowance worth reading all names for. */
const signs = [
  'x-ratelimit-limit-input-images',
  'x-ratelimit-limit-tokens_usage_based',
  'x-ratelimit-limit-project-tokens',
  'x-ratelimit-limit-tokens-cache-adjusted-prompt',
  'anthropic-priority-input-tokens-remaining',
  'anthropic-priority-output-tokens-remaining',
  `${unified}-status`,
  `${codex}-primary-used-percent`,
  queryCost,
];

/** Whether an answer tells any allowance; a few look-ups, for every answer. */
export function tellsAllowances(headers: AnswerHeaders): boolean {
  for (const sign of signs) if (headers[sign] !== undefined) return true;
  return false;
}

/** Reads all allowances of an answer. The names are the providers' own, so that it does not matter whose answer it is. */
export function readAllowances(headers: AnswerHeaders, nowMs: number): readonly Allowance[] {
  const read = new Reader(headers, nowMs);
  return [
    ...counted.map(([name, limit, remaining, reset]) => ({
      ...nothing(name),
      limit: read.number(limit),
      remaining: read.number(remaining),
      resetAtMs: read.instant(reset),
    })),
    { ...nothing('tokens'), cost: read.number(queryCost) },
    ...['5h', '7d'].map((window) => read.unifiedWindow(window)),
    {
      ...nothing('unified'),
      status: read.word(`${unified}-status`),
      claim: read.word(`${unified}-representative-claim`),
    },
    ...['primary', 'secondary'].map((rank) => read.plan(rank)),
  ].filter((allowance) =>
    Object.values(allowance).some((value) => value !== null && value !== allowance.name),
  );
}

const nothing = (name: string): Allowance => ({
  name,
  limit: null,
  remaining: null,
  resetAtMs: null,
  status: null,
  claim: null,
  cost: null,
});

class Reader {
  constructor(
    private readonly headers: AnswerHeaders,
    private readonly nowMs: number,
  ) {}

  word(name: string): string | null {
    return headerText(this.headers, name)?.slice(0, 100) ?? null;
  }

  number(name: string): number | null {
    const text = headerText(this.headers, name)?.trim() ?? '';
    const value = text === '' ? NaN : Number(text);
    return Number.isFinite(value) && value >= 0 ? value : null;
  }

  instant(name: string): number | null {
    const text = headerText(this.headers, name);
    return text === null ? null : readInstant(text, this.nowMs, headerText(this.headers, 'date'));
  }

  /** A share of 1 that is spent. */
  unifiedWindow(window: string): Allowance {
    const spent = this.number(`${unified}-${window}-utilization`);
    return {
      ...nothing(`unified_${window}`),
      limit: spent === null ? null : 1,
      remaining: spent === null ? null : 1 - spent,
      resetAtMs: this.instant(`${unified}-${window}-reset`),
      status: this.word(`${unified}-${window}-status`),
    };
  }

  /** Percent that are used. Which window comes first is no matter: it is named by its length, or by its rank where that is not told. */
  plan(rank: string): Allowance {
    const used = this.number(`${codex}-${rank}-used-percent`);
    const minutes = this.number(`${codex}-${rank}-window-minutes`);
    return {
      ...nothing(`plan_${minutes === null ? rank : spanOf(minutes)}`),
      limit: used === null ? null : 100,
      remaining: used === null ? null : 100 - used,
      resetAtMs:
        this.instant(`${codex}-${rank}-reset-after-seconds`) ?? this.instant(`${codex}-${rank}-reset-at`),
    };
  }
}

const spanOf = (minutes: number): string => {
  if (minutes % 1_440 === 0) return `${minutes / 1_440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
};
