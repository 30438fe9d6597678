import type { TokenUsage } from '#kernel';
import { isRecord, parseJson, recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { readUsage } from './usage.js';

const startUp = /^(response\.(created|in_progress|queued)|keepalive|ping)$/;
const failed = /^(error|response\.failed)$/;
const final = /(\.completed|^response\.incomplete|^(transcript\.text|speech\.audio)\.done)$/;

/** Streams whose every event names its type: responses, images, speech and transcriptions. */
export class TypedStream implements EventInterpreter {
  outputStarted = false;
  usage: TokenUsage | null = null;
  error: unknown = null;
  completed = false;

  take(event: string): boolean {
    if (this.outputStarted && event.startsWith('event: ') && !this.#matters(event)) return true;
    const { name, data } = readEvent(event);
    const body = parseJson(data);
    const type = isRecord(body) && typeof body['type'] === 'string' ? body['type'] : name;
    if (failed.test(type)) this.error = body ?? data;
    else if (isRecord(body)) this.#takeTyped(type, body);
    return true;
  }

  #matters(event: string): boolean {
    const name = event.slice(7, event.indexOf('\n')).trim();
    return failed.test(name) || final.test(name);
  }

  #takeTyped(type: string, body: JsonRecord): void {
    if (!startUp.test(type)) this.outputStarted = true;
    if (!final.test(type)) return;
    this.completed = true;
    this.usage = readUsage(recordAt(body, 'response')) ?? readUsage(body) ?? this.usage;
  }
}
