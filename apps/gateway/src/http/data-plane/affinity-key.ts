import type { ModelCall } from '#ai-provider';
import { promptStart } from './prompt-start.js';

/** No provider caches a shorter prompt than 1,024 tokens; our estimate may be a quarter too low. */
const leastCachedTokens = 768;
/** Of a long text, so many characters of its head and of its tail stand for it, besides its length. */
const headLength = 256;
const tailLength = 64;
/** Values looked at in one part of a prompt: bounds the work on hostile bodies. */
const mostValues = 64;
/** Parts looked at: tools, instructions and the messages before the user's first. */
const mostParts = 8;

/**
 * What a call has in common with others whose prompt begins alike: calls with an equal key meet a warm prompt cache when
 * one account serves them. Told by the caller (`x-pool-affinity`, a cache key or user id in the body), else taken from
 * the beginning of the prompt. Never the same for two callers or two models. Not to be used for anything but placement:
 * a long text is told by its ends.
 *
 * @param named the caller's `x-pool-affinity`; `null` when it sent none
 * @returns a short text, or `null` when nothing of the prompt can be cached
 */
export function affinityKey(call: ModelCall, callerId: string, named: string | null): string | null {
  if (named === null && call.inputTokensEstimate < leastCachedTokens) return null;
  const start = call.json === null ? null : promptStart(call.operation, call.json);
  if (start === null) return null;
  const hash = new TextHash();
  hash.addText(callerId);
  hash.addText(call.model);
  const name = named ?? start.name;
  if (name !== null) hash.addText(name);
  else for (const part of start.parts.slice(0, mostParts)) hash.addValue(part);
  return hash.text;
}

/** A hash for placing, not for secrecy: 64 bits of two runs of FNV-1a over pairs of characters. */
class TextHash {
  private left = 0x811c9dc5;
  private right = 0x9dc5811c;

  get text(): string {
    return (this.left >>> 0).toString(36) + (this.right >>> 0).toString(36).padStart(7, '0');
  }

  addText(text: string): void {
    const { length } = text;
    this.add(length);
    if (length <= headLength + tailLength) return this.addSpan(text, 0, length);
    this.addSpan(text, 0, headLength);
    this.addSpan(text, length - tailLength, length);
  }

  /** Adds the texts of a value wherever they stand. */
  addValue(value: unknown): void {
    const stack = [value];
    for (let seen = 0; stack.length > 0 && seen < mostValues; seen += 1) {
      const next = stack.pop();
      if (typeof next === 'string') this.addText(next);
      else if (Array.isArray(next)) stack.push(...next.slice(0, mostValues));
      else if (typeof next === 'object' && next !== null) pushMembers(stack, next);
    }
  }

  private addSpan(text: string, from: number, to: number): void {
    let { left, right } = this;
    for (let at = from; at < to; at += 2) {
      const pair = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      left = Math.imul(left ^ pair, 0x01000193);
      right = Math.imul(right ^ pair, 0x85ebca6b);
    }
    this.left = left;
    this.right = right;
  }

  private add(number: number): void {
    this.left = Math.imul(this.left ^ number, 0x01000193);
    this.right = Math.imul(this.right ^ number, 0x85ebca6b);
  }
}

function pushMembers(stack: unknown[], object: object): void {
  for (const name in object) {
    if (!isMarkup(name)) stack.push((object as Record<string, unknown>)[name]);
  }
}

/** Clients move the mark of the cache from turn to turn, and turn a text into a list of one block to set it. */
const isMarkup = (name: string): boolean => name === 'cache_control' || name === 'type';
