import { isRecord, listAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import type { ModelCall } from '../../contract/model-call.js';
import type { Delta, Ending } from '../answer.js';
import type { DeltaReader } from '../wire-translator.js';
import { isBlocked, partsOf, readPart, stopOf, textAt } from './answer.js';

/** Reads the chunks of generated content. Function calls come whole. */
export class ContentDeltaReader implements DeltaReader {
  ending: Ending | null = null;
  #hasHead = false;
  #calls = 0;

  constructor(private readonly call: ModelCall) {}

  take(event: JsonRecord): readonly Delta[] {
    const deltas: Delta[] = [];
    if (!this.#hasHead) {
      this.#hasHead = true;
      deltas.push({ kind: 'head', id: textAt(event, 'responseId'), model: textAt(event, 'modelVersion') });
    }
    for (const part of partsOf(event)) this.#takePart(part, deltas);
    const candidate = listAt(event, 'candidates')[0];
    const reason = isRecord(candidate) ? candidate['finishReason'] : isBlocked(event) ? 'SAFETY' : undefined;
    if (reason !== undefined) this.ending = { stop: stopOf(reason, this.#calls > 0), sequence: null };
    return deltas;
  }

  #takePart(part: JsonRecord, deltas: Delta[]): void {
    for (const read of readPart(part, `call_${this.call.id}_${this.#calls}`)) {
      if (read.kind === 'tool_call') {
        const { id, name, signature, args } = read;
        this.#calls += 1;
        deltas.push({ kind: 'tool_call', id, name, signature });
        deltas.push({ kind: 'arguments', json: JSON.stringify(args) });
      } else deltas.push({ kind: read.kind, text: read.text });
    }
  }
}
