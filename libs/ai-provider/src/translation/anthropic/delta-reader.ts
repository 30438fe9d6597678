import { recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { Delta, Ending } from '../answer.js';
import type { DeltaReader } from '../wire-translator.js';
import { endingOf, textAt } from './answer.js';
import { jsonTool } from './request-writer.js';

/** Reads the events of a message. Its blocks come one after the other. */
export class MessageDeltaReader implements DeltaReader {
  ending: Ending | null = null;
  #hasCalls = false;
  #isJsonAnswer = false;

  take(event: JsonRecord): readonly Delta[] {
    switch (event['type']) {
      case 'message_start': {
        const message = recordAt(event, 'message');
        return [{ kind: 'head', id: textAt(message, 'id') || null, model: textAt(message, 'model') || null }];
      }
      case 'content_block_start':
        return this.#begin(recordAt(event, 'content_block'));
      case 'content_block_delta':
        return this.#goOn(recordAt(event, 'delta'));
      case 'message_delta':
        this.ending = endingOf(recordAt(event, 'delta'), this.#hasCalls);
        return [];
      default:
        return [];
    }
  }

  #begin(block: JsonRecord): readonly Delta[] {
    switch (block['type']) {
      case 'text':
        return filled('text', textAt(block, 'text'));
      case 'thinking':
        return filled('thinking', textAt(block, 'thinking'));
      case 'redacted_thinking':
        return [{ kind: 'signature', signature: { kind: 'redacted', value: textAt(block, 'data') } }];
      case 'tool_use': {
        const name = textAt(block, 'name');
        this.#isJsonAnswer = name === jsonTool;
        if (this.#isJsonAnswer) return [];
        this.#hasCalls = true;
        return [{ kind: 'tool_call', id: textAt(block, 'id'), name, signature: null }];
      }
      default:
        return [];
    }
  }

  #goOn(delta: JsonRecord): readonly Delta[] {
    switch (delta['type']) {
      case 'text_delta':
        return filled('text', textAt(delta, 'text'));
      case 'thinking_delta':
        return filled('thinking', textAt(delta, 'thinking'));
      case 'signature_delta':
        return [{ kind: 'signature', signature: { kind: 'thinking', value: textAt(delta, 'signature') } }];
      case 'input_json_delta': {
        const json = textAt(delta, 'partial_json');
        if (json === '') return [];
        return [this.#isJsonAnswer ? { kind: 'text', text: json } : { kind: 'arguments', json }];
      }
      default:
        return [];
    }
  }
}

const filled = (kind: 'text' | 'thinking', text: string): readonly Delta[] =>
  text === '' ? [] : [{ kind, text }];
