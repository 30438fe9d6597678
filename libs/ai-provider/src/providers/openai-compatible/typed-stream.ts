import type { TokenUsage } from '#kernel';
import { isRecord, listAt, parseJson, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { lastObject } from '../../stream/last-object.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { readUsage } from './usage.js';

const startUp = /^(response\.(created|in_progress|queued)|keepalive|ping)$/;
/** The openings of messages and of their parts, as long as there is nothing in them. */
const opening = /^response\.(output_item|content_part)\.added$/;
const failed = /^(error|response\.failed)$/;
const final =
  /^(response\.(completed|incomplete)|image_(generation|edit)\.completed|(transcript\.text|speech\.audio)\.done)$/;

/** The types of the events above, as they stand in the text; a caller's words cannot, their quotes are escaped. */
const mattering =
  /"(?:error|response\.(?:failed|completed|incomplete)|image_\w+\.completed|(?:transcript\.text|speech\.audio)\.done)"|event: *(?:error|response\.failed)/;

/** An item that is being thought about, or a call of a tool, is output: what it costs is spent. */
function isEmptyOpening(type: string, body: JsonRecord): boolean {
  if (!opening.test(type)) return false;
  const item = recordAt(body, 'item');
  const part = recordAt(body, 'part');
  const isMessage = item['type'] === 'message' && listAt(item, 'content').length === 0;
  return isMessage || part['text'] === '' || part['refusal'] === '';
}

function typeOf(body: JsonRecord, name: string): string {
  if (typeof body['type'] === 'string') return body['type'];
  return isRecord(body['error']) ? 'error' : name;
}

/** What is written is said once by deltas, and again by the events that end them. */
const written = /"delta" *: *"/g;

/** Streams whose every event names its type: responses, images, speech and transcriptions. */
export class TypedStream implements EventInterpreter {
  outputStarted = false;
  usage: TokenUsage | null = null;
  error: unknown = null;
  completed = false;
  readonly outputText = written;

  isDull(events: string): boolean {
    return this.outputStarted && !mattering.test(events);
  }

  take(event: string): boolean {
    const { name, data } = readEvent(event);
    const body = parseJson(data);
    const type = isRecord(body) ? typeOf(body, name) : name;
    if (failed.test(type)) this.error = body ?? data;
    else if (isRecord(body)) this.#takeTyped(type, body);
    return true;
  }

  takeHuge(head: string, tail: string): void {
    this.outputStarted = true;
    const [, type = ''] = /"type" *: *"([\w.]+)"/.exec(head) ?? [];
    if (final.test(type)) this.#end({ usage: lastObject(tail, 'usage') });
  }

  #takeTyped(type: string, body: JsonRecord): void {
    if (!startUp.test(type) && !isEmptyOpening(type, body)) this.outputStarted = true;
    if (final.test(type)) this.#end(body);
  }

  #end(body: JsonRecord): void {
    this.completed = true;
    this.usage = readUsage(recordAt(body, 'response')) ?? readUsage(body) ?? this.usage;
  }
}
