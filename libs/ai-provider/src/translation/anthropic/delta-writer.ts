import type { TokenUsage } from '#kernel';
import type { JsonRecord } from '../../json-value.js';
import type { Delta, Ending } from '../answer.js';
import type { AnswerTerms, DeltaWriter } from '../wire-translator.js';
import { messageOf, signatureOf, stopReasonOf, unsigned, writeUsage } from './answer.js';

/** `whole`: it has come with its beginning. */
type BlockKind = 'text' | 'thinking' | 'tool_use' | 'whole';

/** Writes the events of a message: blocks one after the other, each begun, gone on with and ended. */
export class MessageDeltaWriter implements DeltaWriter {
  #blocks = 0;
  #open: BlockKind | null = null;

  constructor(private readonly terms: AnswerTerms) {}

  write(delta: Delta): string {
    switch (delta.kind) {
      case 'head':
        return this.#start(delta.id, delta.model);
      case 'text':
        return (
          this.#goOn('text', { type: 'text', text: '', citations: null }) + piece(this.#at, textOf(delta))
        );
      case 'thinking':
        return this.terms.showsThoughts
          ? this.#goOn('thinking', { type: 'thinking', thinking: '', signature: '' }) +
              piece(this.#at, thoughtOf(delta))
          : '';
      case 'signature':
        return '';
      case 'tool_call': {
        const { id, name } = delta;
        let events = this.#close();
        for (const block of signatureOf(delta)) events += this.#begin('whole', block) + this.#close();
        return events + this.#begin('tool_use', { type: 'tool_use', id, name, input: {} });
      }
      case 'arguments':
        return piece(this.#at, { type: 'input_json_delta', partial_json: delta.json });
    }
  }

  end(ending: Ending, usage: TokenUsage | null): string {
    const delta = { stop_reason: stopReasonOf(ending), stop_sequence: ending.sequence };
    return (
      this.#close() +
      event({ type: 'message_delta', delta, usage: writeUsage(usage) }) +
      event({ type: 'message_stop' })
    );
  }

  /** Of the block that is open. */
  get #at(): number {
    return this.#blocks - 1;
  }

  #start(id: string | null, model: string | null): string {
    const started = { content: [], stop_reason: null, stop_sequence: null, usage: writeUsage(null) };
    return event({ type: 'message_start', message: { ...messageOf(id, model, this.terms), ...started } });
  }

  #goOn(kind: 'text' | 'thinking', content_block: JsonRecord): string {
    return this.#open === kind ? '' : this.#close() + this.#begin(kind, content_block);
  }

  #begin(kind: BlockKind, content_block: JsonRecord): string {
    const index = this.#blocks;
    this.#blocks += 1;
    this.#open = kind;
    return event({ type: 'content_block_start', index, content_block });
  }

  #close(): string {
    if (this.#open === null) return '';
    const isThinking = this.#open === 'thinking';
    this.#open = null;
    const proof = isThinking ? piece(this.#at, { type: 'signature_delta', signature: unsigned }) : '';
    return proof + event({ type: 'content_block_stop', index: this.#at });
  }
}

const textOf = ({ text }: { readonly text: string }): JsonRecord => ({ type: 'text_delta', text });
const thoughtOf = ({ text }: { readonly text: string }): JsonRecord => ({
  type: 'thinking_delta',
  thinking: text,
});
const piece = (index: number, delta: JsonRecord): string =>
  event({ type: 'content_block_delta', index, delta });

function event(data: JsonRecord): string {
  return `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;
}
