import { isRecord, listAt, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { Delta, Ending } from '../answer.js';
import type { DeltaReader } from '../wire-translator.js';
import { stopOf, textAt } from './answer.js';

/** Reads the chunks of a chat completion. */
export class ChatDeltaReader implements DeltaReader {
  ending: Ending | null = null;
  #hasHead = false;
  #refused = false;
  /** Of the call whose arguments come now. */
  #callIndex = -1;

  take(event: JsonRecord): readonly Delta[] {
    const deltas: Delta[] = [];
    if (!this.#hasHead) {
      this.#hasHead = true;
      deltas.push({ kind: 'head', id: textAt(event, 'id') || null, model: textAt(event, 'model') || null });
    }
    const choice = listAt(event, 'choices')[0];
    if (!isRecord(choice)) return deltas;
    this.#takeDelta(recordAt(choice, 'delta'), deltas);
    const reason = choice['finish_reason'];
    if (typeof reason === 'string' && reason !== '') {
      const stop = stopOf(reason);
      this.ending = { stop: this.#refused && stop === 'end' ? 'refused' : stop, sequence: null };
    }
    return deltas;
  }

  #takeDelta(delta: JsonRecord, deltas: Delta[]): void {
    const thinking = textAt(delta, 'reasoning_content', 'reasoning');
    if (thinking !== '') deltas.push({ kind: 'thinking', text: thinking });
    const refusal = textAt(delta, 'refusal');
    if (refusal !== '') this.#refused = true;
    const text = textAt(delta, 'content') + refusal;
    if (text !== '') deltas.push({ kind: 'text', text });
    for (const call of listAt(delta, 'tool_calls')) if (isRecord(call)) this.#takeCall(call, deltas);
  }

  #takeCall(call: JsonRecord, deltas: Delta[]): void {
    const called = recordAt(call, 'function');
    const index = typeof call['index'] === 'number' ? call['index'] : this.#callIndex + 1;
    if (index < this.#callIndex) throw new RangeError('the pieces of two tool calls are mixed');
    if (index > this.#callIndex) {
      this.#callIndex = index;
      const name = textAt(called, 'name');
      deltas.push({ kind: 'tool_call', id: textAt(call, 'id'), name, signature: null });
    }
    const json = textAt(called, 'arguments');
    if (json !== '') deltas.push({ kind: 'arguments', json });
  }
}
