import type { TokenUsage } from '#kernel';
import { isRecord, parseJson, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { readUsageObject } from './usage.js';

const isOpeningOfText = (event: JsonRecord) => recordAt(event, 'content_block')['text'] === '';

/** The types worth parsing once output flows; inside a text the quotes would be escaped. */
const mattering = /"(?:message_start|message_delta|message_stop|error)"|event: *error/;

/** Some relays say an error as OpenAI does. */
const typeOf = (body: JsonRecord, name: string): string => {
  if (typeof body['type'] === 'string') return body['type'];
  return isRecord(body['error']) ? 'error' : name;
};

/** Texts the model writes. */
const written = /"(?:text|thinking|partial_json)" *: *"/g;

/** Streams of messages. */
export class MessageStream implements EventInterpreter {
  outputStarted = false;
  error: unknown = null;
  completed = false;
  readonly outputText = written;
  /** Told in parts: the prompt at the start, the output at the end, each overriding what was known. */
  #usage: JsonRecord = {};

  get usage(): TokenUsage | null {
    return readUsageObject(this.#usage);
  }

  isDull(events: string): boolean {
    return this.outputStarted && !mattering.test(events);
  }

  take(event: string): boolean {
    const { name, data } = readEvent(event);
    if (data === '') return true;
    const body = parseJson(data);
    if (name === 'error' && !isRecord(body)) this.error = body ?? data;
    if (isRecord(body)) this.#takeTyped(typeOf(body, name), body);
    return true;
  }

  /** Results of a search are as large, nothing that ends a message is. */
  takeHuge(): void {
    this.outputStarted = true;
  }

  #takeTyped(type: string, body: JsonRecord): void {
    switch (type) {
      case 'message_start':
        // The output counted here is a token or two; the true count comes at the end.
        this.#learn({ ...recordAt(recordAt(body, 'message'), 'usage'), output_tokens: null });
        return;
      case 'ping':
        return;
      case 'error':
        this.error = body;
        return;
      case 'content_block_start':
        this.outputStarted ||= !isOpeningOfText(body);
        return;
      case 'message_delta':
        this.#learn(recordAt(body, 'usage'));
        break;
      case 'message_stop':
        this.completed = true;
        break;
    }
    this.outputStarted = true;
  }

  #learn(usage: JsonRecord): void {
    const known = Object.entries(usage).filter(([, count]) => count !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(known) };
  }
}
