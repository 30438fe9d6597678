import type { TokenUsage } from '#kernel';
import { isRecord, parseJson, recordAt } from '../../../json-value.js';
import type { JsonRecord } from '../../../json-value.js';
import { readEvent } from '../../../stream/sse-event.js';
import type { EventInterpreter } from '../../../stream/sse-reader.js';
import type { Delta, Ending } from '../../../translation/answer.js';
import { textAt } from '../../../translation/anthropic/answer.js';
import { jsonTool } from '../../../translation/anthropic/request-writer.js';
import type { DeltaReader } from '../../../translation/wire-translator.js';
import type { EventFrame } from '../event-frames.js';
import { endingOf, readUsage } from './answer.js';

/**
 * One event of a stream as a server-sent event, under its name as in the API's own model: `{"contentBlockDelta": {...}}`.
 *
 * @returns nothing for a frame without an event
 */
export function eventIn({ headers, payload }: EventFrame): string {
  const name = headers[':event-type'] ?? '';
  const text = payload.toString();
  if (!/^\w+$/.test(name) || !text.startsWith('{')) return '';
  // A line break would end the line that holds the data; inside of texts it is escaped.
  return `data: {"${name}":${text.replace(/[\r\n]/g, ' ')}}\n\n`;
}

/** The events worth parsing once output flows; inside of a text the quotes would be escaped. */
const mattering = /"(?:messageStop|metadata)" *:/;
/** Texts the model writes. */
const written = /"(?:text|input)" *: *"/g;

/** What the events of a stream say of output, usage and end. */
export class ConverseEvents implements EventInterpreter {
  outputStarted = false;
  completed = false;
  usage: TokenUsage | null = null;
  /** Errors come in frames of their own. */
  readonly error = null;
  readonly outputText = written;

  isDull(events: string): boolean {
    return this.outputStarted && !mattering.test(events);
  }

  take(event: string): boolean {
    const body = parseJson(readEvent(event).data);
    if ('metadata' in recordAt({ body }, 'body')) this.usage = readUsage(recordAt(body, 'metadata'));
    else if ('messageStop' in recordAt({ body }, 'body')) this.completed = this.outputStarted = true;
    else this.outputStarted ||= isOutput(body);
    return true;
  }

  /** Nothing that ends an answer is as large. */
  takeHuge(): void {
    this.outputStarted = true;
  }
}

function isOutput(event: unknown): boolean {
  if (Object.keys(recordAt(recordAt(event, 'contentBlockStart'), 'start')).length > 0) return true;
  const delta = recordAt(recordAt(event, 'contentBlockDelta'), 'delta');
  return Object.values(delta).some((piece) => piece !== '');
}

/** Reads the pieces of a stream. */
export class ConverseDeltas implements DeltaReader {
  ending: Ending | null = null;
  #hasCalls = false;
  /** Number of the block whose call was begun last; `null` before the first. */
  #callBlock: unknown = null;
  #isJsonAnswer = false;

  take(event: JsonRecord): readonly Delta[] {
    if (isRecord(event['contentBlockDelta'])) return this.#goOn(event['contentBlockDelta']);
    if (isRecord(event['contentBlockStart'])) return this.#begin(event['contentBlockStart']);
    if (isRecord(event['messageStop'])) this.ending = endingOf(event['messageStop'], this.#hasCalls);
    return [];
  }

  #begin(block: JsonRecord): readonly Delta[] {
    const toolUse = recordAt(block, 'start')['toolUse'];
    if (!isRecord(toolUse)) return [];
    const name = textAt(toolUse, 'name');
    this.#callBlock = block['contentBlockIndex'];
    this.#isJsonAnswer = name === jsonTool;
    if (this.#isJsonAnswer) return [];
    this.#hasCalls = true;
    return [{ kind: 'tool_call', id: textAt(toolUse, 'toolUseId'), name, signature: null }];
  }

  #goOn(block: JsonRecord): readonly Delta[] {
    const delta = recordAt(block, 'delta');
    const text = textAt(delta, 'text');
    if (text !== '') return [{ kind: 'text', text }];
    if (isRecord(delta['reasoningContent'])) return thoughtIn(delta['reasoningContent']);
    const json = textAt(recordAt(delta, 'toolUse'), 'input');
    if (json === '') return [];
    if (block['contentBlockIndex'] !== this.#callBlock)
      throw new RangeError('pieces of two calls are mixed in the stream');
    return [this.#isJsonAnswer ? { kind: 'text', text: json } : { kind: 'arguments', json }];
  }
}

function thoughtIn(content: JsonRecord): readonly Delta[] {
  const text = textAt(content, 'text');
  if (text !== '') return [{ kind: 'thinking', text }];
  const value = textAt(content, 'signature');
  if (value !== '') return [{ kind: 'signature', signature: { kind: 'thinking', value } }];
  const sealed = textAt(content, 'redactedContent');
  return sealed === '' ? [] : [{ kind: 'signature', signature: { kind: 'sealed', value: sealed } }];
}
