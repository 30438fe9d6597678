import type { TokenUsage } from '#kernel';
import { recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { Delta, Ending } from '../answer.js';
import type { AnswerTerms, DeltaWriter } from '../wire-translator.js';
import { detailOf, extraOf, finishReasonOf, writeUsage } from './answer.js';

/** Writes the chunks of a chat completion, with usage where the caller asked for it. */
export class ChatDeltaWriter implements DeltaWriter {
  readonly #includesUsage: boolean;
  #head: JsonRecord = {};
  #calls = 0;
  #thoughts = '';

  constructor(private readonly terms: AnswerTerms) {
    this.#includesUsage = recordAt(terms.call.json, 'stream_options')['include_usage'] === true;
  }

  write(delta: Delta): string {
    switch (delta.kind) {
      case 'head':
        return this.#open(delta.id, delta.model);
      case 'text':
        return this.#chunk({ content: delta.text });
      case 'thinking':
        this.#thoughts += delta.text;
        return this.#chunk({ reasoning_content: delta.text });
      case 'signature': {
        const details = detailOf({ text: this.#thoughts, signature: delta.signature });
        this.#thoughts = '';
        return this.#chunk({ reasoning_details: details });
      }
      case 'tool_call': {
        const { id, name, signature } = delta;
        const called = { name, arguments: '' };
        const call = { index: this.#calls, id, type: 'function', function: called, ...extraOf(signature) };
        this.#calls += 1;
        return this.#chunk({ tool_calls: [call] });
      }
      case 'arguments':
        return this.#chunk({
          tool_calls: [{ index: this.#calls - 1, function: { arguments: delta.json } }],
        });
    }
  }

  end({ stop }: Ending, usage: TokenUsage | null): string {
    const last = this.#chunk({}, finishReasonOf(stop));
    const told =
      this.#includesUsage && usage !== null ? this.#event({ choices: [], usage: writeUsage(usage) }) : '';
    return `${last}${told}data: [DONE]\n\n`;
  }

  #open(id: string | null, model: string | null): string {
    const { call, createdAtMs } = this.terms;
    this.#head = {
      id: id ?? `chatcmpl-${call.id}`,
      object: 'chat.completion.chunk',
      created: Math.floor(createdAtMs / 1_000),
      model: model ?? call.model,
    };
    return this.#chunk({ role: 'assistant', content: '' });
  }

  #chunk(delta: JsonRecord, finish_reason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
    return this.#event(this.#includesUsage ? { choices, usage: null } : { choices });
  }

  #event(members: JsonRecord): string {
    return `data: ${JSON.stringify({ ...this.#head, ...members })}\n\n`;
  }
}
