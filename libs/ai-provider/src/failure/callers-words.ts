import type { ModelCall } from '../contract/model-call.js';
import { unquoted } from './unquoted.js';

/** What a classifier gets to know of a call, to tell the provider's words from those of the caller. */
export type JudgedCall = Pick<ModelCall, 'model' | 'json'>;

/**
 * What the caller wrote. A provider may put any of it into its error, quoted or not, so that no phrase that stands here too says
 * anything about an account. Compared by letters and digits alone, so that neither quotes nor escapes hide one.
 */
export class CallersWords {
  #letters: string | null = null;

  constructor(private readonly call: JudgedCall | null) {}

  /** Whether a phrase of an answer may come from the caller. Looks into the call at the first question only. */
  has(phrase: string): boolean {
    if (this.call === null) return false;
    this.#letters ??= lettersOf(this.call);
    return this.#letters.includes(lettersIn(phrase));
  }
}

const lettersIn = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** Texts as they are and without what stands in quotes, as rules see them; none runs into the next. */
const lettersOf = ({ model, json }: JudgedCall): string =>
  [model, ...textsIn(json)].flatMap((text) => [lettersIn(text), lettersIn(unquoted(text))]).join(' ');

/** All texts in a value, names of members too. In a loop: the depth of a request is its caller's choice. */
function textsIn(json: unknown): string[] {
  const texts: string[] = [];
  const left: unknown[] = [json];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) for (const item of value) left.push(item);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        texts.push(name);
        left.push(member);
      }
    }
  }
  return texts;
}
