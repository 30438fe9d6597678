import type { TokenUsage } from '#kernel';
import { isRecord, listAt, parseJson } from '../../json-value.js';
import { readEvent } from '../../stream/sse-event.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { isDisguisedError } from './answer.js';
import { readUsage } from './usage.js';

/** Streams of generated content. Every chunk carries usage so far: only the last one is parsed, when asked for. */
export class ContentStream implements EventInterpreter {
  outputStarted = false;
  error: unknown = null;
  completed = false;
  #lastWithUsage: string | null = null;

  get usage(): TokenUsage | null {
    return this.#lastWithUsage === null ? null : readUsage(parseJson(readEvent(this.#lastWithUsage).data));
  }

  /** Nearly every chunk has usage so far, which must be kept, if not parsed. */
  isDull(): boolean {
    return false;
  }

  take(event: string): boolean {
    if (event.includes('"usageMetadata"')) this.#lastWithUsage = event;
    if (event.includes('"finishReason"') || event.includes('"blockReason"')) this.completed = true;
    if (this.outputStarted && !event.includes('"error"')) return true;
    const { data } = readEvent(event);
    if (data === '') return true;
    const body = parseJson(data);
    if (body === undefined || isDisguisedError(body)) this.error = body ?? data;
    else
      this.outputStarted ||=
        isRecord(body) && (listAt(body, 'candidates').length > 0 || 'promptFeedback' in body);
    return true;
  }
}
