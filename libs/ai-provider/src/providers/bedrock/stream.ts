import type { TokenUsage } from '#kernel';
import type { StreamReader } from '../../contract/provider-adapter.js';
import { isRecord, parseJson } from '../../json-value.js';
import { SseReader } from '../../stream/sse-reader.js';
import type { EventInterpreter } from '../../stream/sse-reader.js';
import { EventFrames, FrameDamaged } from './event-frames.js';
import type { EventFrame } from './event-frames.js';

const nothing = Buffer.alloc(0);

/** Server-sent events out of the frames in which Bedrock wraps what it says. Exceptions come in frames of their own. */
export class FramedStream implements StreamReader {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #frames = new EventFrames();
  readonly #events: SseReader;
  #fault: unknown = null;

  /**
   * @param interpreter what the events mean
   * @param eventIn the event in a frame; empty for a frame without one, as future versions may send
   */
  constructor(
    interpreter: EventInterpreter,
    private readonly eventIn: (frame: EventFrame) => string,
  ) {
    this.#events = new SseReader(interpreter);
  }

  get outputStarted(): boolean {
    return this.#events.outputStarted;
  }

  get usage(): TokenUsage | null {
    return this.#events.usage;
  }

  get outputTokensEstimate(): number {
    return this.#events.outputTokensEstimate;
  }

  get error(): unknown {
    return this.#fault ?? this.#events.error;
  }

  get completed(): boolean {
    return this.#events.completed && !this.#frames.isCut;
  }

  read(chunk: Buffer): Buffer {
    if (this.#fault !== null) return nothing;
    const events: string[] = [];
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#fault ??= exceptionIn(frame);
        if (this.#fault === null) events.push(this.eventIn(frame));
      }
    } catch (error) {
      if (!(error instanceof FrameDamaged)) throw error;
      this.#fault = exception('InternalServerException', { message: error.message });
    }
    return events.length === 0 ? nothing : this.#events.read(Buffer.from(events.join('')));
  }

  finish(): Buffer {
    return this.#events.finish();
  }
}

/** In the form of an error document, so that rules find its type where they look for one. */
const exception = (type: string, payload: object) => ({ error: { ...payload, type } });

/** What a frame says instead of an event: a modelled exception, or an error of the transport with a code. */
function exceptionIn({ headers, payload }: EventFrame): unknown {
  const kind = headers[':message-type'];
  if (kind === undefined || kind === 'event') return null;
  const told = parseJson(payload.toString());
  const type = headers[':exception-type'] ?? headers[':error-code'] ?? 'InternalServerException';
  return exception(type, isRecord(told) ? told : { message: headers[':error-message'] ?? '' });
}

/** An event of Claude, as Anthropic itself sends it: it stands as base64 inside of JSON. */
export function claudesEventIn({ payload }: EventFrame): string {
  const wrapper = parseJson(payload.toString());
  const bytes = isRecord(wrapper) ? wrapper['bytes'] : undefined;
  if (typeof bytes !== 'string') return '';
  const text = Buffer.from(bytes, 'base64').toString();
  const event = parseJson(text);
  const type = isRecord(event) ? event['type'] : undefined;
  return typeof type === 'string' ? `event: ${type}\ndata: ${text}\n\n` : '';
}
