import type { TokenUsage } from '#kernel';
import { isRecord, parseJson, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { readUsage } from './usage.js';

const startUp = /^(response\.(created|in_progress|queued)|keepalive|ping)$/;
const failed = /^(error|response\.failed)$/;
const final = /(\.completed|^response\.incomplete|^(transcript\.text|speech\.audio)\.done)$/;

/** The types of the events above, as they stand in the text; a caller's words cannot, their quotes are escaped. */
const mattering =
  /"(?:error|response\.failed|[\w.]+\.completed|response\.incomplete|(?:transcript\.text|speech\.audio)\.done)"|event: *(?:error|response\.failed)/;

/** Streams whose every event names its type: responses, images, speech and transcriptions. */
export class TypedStream implements EventInterpreter {
  outputStarted = false;
  usage: TokenUsage | null = null;
  error: unknown = null;
  completed = false;

  isDull(events: string): boolean {
    return this.outputStarted && !mattering.test(events);
  }

  take(event: string): boolean {
    if (this.isDull(event)) return true;
    const { name, data } = readEvent(event);
    const body = parseJson(data);
    const type = isRecord(body) && typeof body['type'] === 'string' ? body['type'] : name;
    if (failed.test(type)) this.error = body ?? data;
    else if (isRecord(body)) this.#takeTyped(type, body);
    return true;
  }

  #takeTyped(type: string, body: JsonRecord): void {
    if (!startUp.test(type)) this.outputStarted = true;
    if (!final.test(type)) return;
    this.completed = true;
    this.usage = readUsage(recordAt(body, 'response')) ?? readUsage(body) ?? this.usage;
  }
}
