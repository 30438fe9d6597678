import type { ProviderFailure } from '#kernel';
import { redactText } from '#observability';
import type { Evidence } from './evidence.js';
import type { Symptoms } from './operator-rule.js';
import { unquoted } from './unquoted.js';

/** A failure as it is remembered: nothing in it tells a key or what a caller wrote. */
export interface RecentFailure extends Symptoms {
  /** ms since the epoch. */
  readonly atMs: number;
  /** The message for people, redacted; `text` is the same in lower case. */
  readonly message: string;
  /** The wait the answer asked for, whatever its class, ms; `null` for none. */
  readonly hintMs: number | null;
  /** False for a broken connection and its like, which no rule of an operator looks at. */
  readonly hasAnswer: boolean;
  /** What the built-in rules alone say. */
  readonly builtIn: ProviderFailure;
  /** As what it was taken. */
  readonly failure: ProviderFailure;
}

/** How many failures are remembered of each provider. */
export const mostRecentFailures = 200;
const longestMessage = 500;
const longestCode = 64;
const mostCodes = 8;
/** Keys of forms that nobody knows, and ids: long, without a space, with many digits. Quantifiers are bounded: linear time. */
const longToken = /[\w\-+/=*]{20,400}/g;

/** The last failures of one provider, in this process alone. */
export class RecentFailures {
  readonly #ring: RecentFailure[] = [];
  #next = 0;

  /** Remembers a failure; the oldest is forgotten where there are 200. */
  note(failure: RecentFailure): void {
    if (this.#ring.length < mostRecentFailures) this.#ring.push(failure);
    else this.#ring[this.#next] = failure;
    this.#next = (this.#next + 1) % mostRecentFailures;
  }

  /** The newest first. */
  list(): readonly RecentFailure[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].reverse();
  }
}

/** What of a failed answer may be kept and shown: no quotes, nothing that looks like a key, and all of it cut to a size. */
export function redactedSymptoms(evidence: Evidence): Symptoms & Pick<RecentFailure, 'message'> {
  const message = redacted(unquoted(evidence.message)).replace(/\s+/g, ' ').trim().slice(0, longestMessage);
  return {
    status: evidence.status,
    codes: shortCodes(evidence.codes),
    types: shortCodes(evidence.types),
    message,
    text: message.toLowerCase(),
  };
}

const redacted = (text: string): string =>
  redactText(text).replace(longToken, (token) => (isKeyLike(token) ? '[redacted]' : token));

const isKeyLike = (token: string): boolean => (token.match(/\d/g)?.length ?? 0) >= 3;

const shortCodes = (codes: readonly string[]): readonly string[] =>
  [...new Set(codes)].slice(0, mostCodes).map((code) => redacted(code).slice(0, longestCode));
