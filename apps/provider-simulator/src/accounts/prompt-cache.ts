import type { PromptCacheSpec } from '../scenario/scenario.js';
import { charsPerToken } from './token-count.js';

const maxBlocks = 50_000;

/**
 * Remembers which prompt beginnings an account has served lately, as hashes of ever longer runs of blocks.
 * Bounded: the blocks not used for longest are forgotten first.
 */
export class PromptCache {
  readonly #minTokens: number;
  readonly #stepTokens: number;
  readonly #ttlMs: number;
  /** Hash of a beginning -> when it grows cold; in order of last use. */
  readonly #coldAtMs = new Map<number, number>();

  constructor(spec: PromptCacheSpec) {
    this.#minTokens = spec.minTokens ?? 1024;
    this.#stepTokens = spec.stepTokens ?? 128;
    this.#ttlMs = spec.ttlMs ?? 300_000;
  }

  /** Hashes of the prompt's beginnings, shortest first; none when it is too short to be cached. */
  beginnings(prompt: string, promptTokens: number): readonly number[] {
    if (promptTokens < this.#minTokens) return [];
    const blockLength = this.#stepTokens * charsPerToken;
    const found: number[] = [];
    let hash = startOfHash;
    for (let end = blockLength; end <= prompt.length; end += blockLength) {
      hash = extend(hash, prompt, end - blockLength, end);
      found.push(keyOf(hash));
    }
    return found;
  }

  /** Tokens of the longest warm beginning. */
  warmTokens(beginnings: readonly number[], nowMs: number): number {
    const cold = beginnings.findIndex((each) => (this.#coldAtMs.get(each) ?? 0) <= nowMs);
    return (cold < 0 ? beginnings.length : cold) * this.#stepTokens;
  }

  /** Tokens that all these beginnings make. */
  tokensOf(beginnings: readonly number[]): number {
    return beginnings.length * this.#stepTokens;
  }

  /** The prompt has been served: all its beginnings are warm from now. */
  keepWarm(beginnings: readonly number[], nowMs: number): void {
    for (const each of beginnings) {
      this.#coldAtMs.delete(each);
      this.#coldAtMs.set(each, nowMs + this.#ttlMs);
      if (this.#coldAtMs.size > maxBlocks) this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    for (const oldest of this.#coldAtMs.keys()) {
      this.#coldAtMs.delete(oldest);
      return;
    }
  }
}

type Hash = readonly [number, number];
const startOfHash: Hash = [0x811c9dc5, 0x9dc5811c];

/** Two FNV-1a runs side by side: 53 bits are enough that beginnings are not mixed up. */
function extend([left, right]: Hash, text: string, from: number, to: number): Hash {
  let a = left;
  let b = right;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return [a, b];
}

const keyOf = ([left, right]: Hash) => (left >>> 0) * 2 ** 21 + (right >>> 11);
