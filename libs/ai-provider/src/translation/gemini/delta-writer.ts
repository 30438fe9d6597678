import type { TokenUsage } from '#kernel';
import type { JsonRecord } from '../../json-value.js';
import type { AnswerHead, Delta, Ending } from '../answer.js';
import { wrapSignature } from '../signature.js';
import { readArguments } from '../tool-arguments.js';
import type { AnswerTerms, DeltaWriter } from '../wire-translator.js';
import { callPart, candidateOf, finishReasonOf, headOf, writeUsage } from './answer.js';

/** A function's arguments wait here until they are whole, in characters. */
const maxArguments = 8_388_608;

/** Writes the chunks of generated content. Functions are asked for in one piece here, so their arguments are gathered. */
export class ContentDeltaWriter implements DeltaWriter {
  #head: AnswerHead = { id: null, model: null };
  #call: { readonly id: string; readonly name: string } | null = null;
  #json = '';
  /** What the caller does not want to see, but needs to hand back with its signature. */
  #thoughts = '';

  constructor(private readonly terms: AnswerTerms) {}

  /** @throws RangeError when arguments are beyond all measure */
  write(delta: Delta): string {
    switch (delta.kind) {
      case 'head':
        this.#head = delta;
        return '';
      case 'text':
        return this.#chunk([...this.#takeCall(), { text: delta.text }]);
      case 'thinking':
        if (this.terms.showsThoughts)
          return this.#chunk([...this.#takeCall(), { text: delta.text, thought: true }]);
        this.#thoughts += delta.text;
        return '';
      case 'signature': {
        const text = this.#thoughts;
        this.#thoughts = '';
        const thoughtSignature = wrapSignature(delta.signature);
        return this.#chunk([...this.#takeCall(), { text, thought: true, thoughtSignature }]);
      }
      case 'tool_call': {
        const before = this.#takeCall();
        this.#call = delta;
        return before.length === 0 ? '' : this.#chunk(before);
      }
      case 'arguments':
        this.#json += delta.json;
        if (this.#json.length > maxArguments)
          throw new RangeError('the arguments of a function are too long');
        return '';
    }
  }

  end({ stop }: Ending, usage: TokenUsage | null): string {
    const call = this.#takeCall();
    const told = usage === null ? {} : { usageMetadata: writeUsage(usage) };
    return this.#chunk(call.length === 0 ? [{ text: '' }] : call, finishReasonOf(stop), told);
  }

  /** The call that has been gathered, if there is one. */
  #takeCall(): readonly JsonRecord[] {
    if (this.#call === null) return [];
    const { id, name } = this.#call;
    const args = readArguments(this.#json);
    this.#call = null;
    this.#json = '';
    return [callPart({ id, name, args })];
  }

  #chunk(parts: readonly JsonRecord[], finishReason: string | null = null, more: JsonRecord = {}): string {
    const chunk = { ...candidateOf(parts, finishReason), ...more, ...headOf(this.#head, this.terms) };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  }
}
