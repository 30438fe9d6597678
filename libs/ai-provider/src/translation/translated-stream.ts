import type { TokenUsage } from '#kernel';
import type { StreamReader } from '../contract/provider-adapter.js';
import { isRecord, parseJson } from '../json-value.js';
import { readEvent } from '../stream/sse-event.js';
import type { DeltaReader, DeltaWriter } from './wire-translator.js';

/** An event larger than this is no answer anybody waits for, in characters. */
const maxEventLength = 16_777_216;
const eventEnd = /\r?\n\r?\n|\r\r/g;
const nothing = Buffer.alloc(0);

/**
 * A stream in the caller's wire format. The provider's own reader looks at the bytes first, and says what it always says
 * about usage, errors and the end.
 */
export class TranslatedStream implements StreamReader {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #decoder = new TextDecoder();
  #rest = '';
  #fault: unknown = null;
  #hasHead = false;
  #hasEnded = false;

  constructor(
    private readonly inner: StreamReader,
    private readonly deltas: DeltaReader,
    private readonly writer: DeltaWriter,
  ) {}

  get outputStarted(): boolean {
    return this.inner.outputStarted;
  }

  get usage(): TokenUsage | null {
    return this.inner.usage;
  }

  get outputTokensEstimate(): number {
    return this.inner.outputTokensEstimate;
  }

  get error(): unknown {
    return this.inner.error ?? this.#fault;
  }

  get completed(): boolean {
    return this.inner.completed;
  }

  read(chunk: Buffer): Buffer {
    return this.#translate(this.inner.read(chunk));
  }

  finish(): Buffer {
    const rest = this.#translate(this.inner.finish(), true);
    if (this.#hasEnded || !this.inner.completed || this.error !== null) return rest;
    this.#hasEnded = true;
    const ending = this.deltas.ending ?? { stop: 'other', sequence: null };
    return Buffer.concat([rest, Buffer.from(this.#head() + this.writer.end(ending, this.inner.usage))]);
  }

  #translate(bytes: Buffer, isLast = false): Buffer {
    if (this.#fault !== null || bytes.length === 0) return nothing;
    const searchFrom = Math.max(0, this.#rest.length - 3);
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    try {
      const text = this.#takeEvents(searchFrom) + (isLast ? this.#takeEvent(this.#takeRest()) : '');
      if (this.#rest.length > maxEventLength) throw new RangeError('an event of the stream is too long');
      return text === '' ? nothing : Buffer.from(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fault = { error: { message: error.message } };
      return nothing;
    }
  }

  #takeEvents(searchFrom: number): string {
    let text = '';
    let start = 0;
    eventEnd.lastIndex = searchFrom;
    for (let end = eventEnd.exec(this.#rest); end !== null; end = eventEnd.exec(this.#rest)) {
      text += this.#takeEvent(this.#rest.slice(start, eventEnd.lastIndex));
      start = eventEnd.lastIndex;
    }
    this.#rest = this.#rest.slice(start);
    return text;
  }

  #takeRest(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }

  #takeEvent(event: string): string {
    const { data } = readEvent(event);
    const body = data === '' || data === '[DONE]' ? undefined : parseJson(data);
    if (!isRecord(body)) return '';
    let text = '';
    for (const delta of this.deltas.take(body)) {
      if (delta.kind === 'head') this.#hasHead = true;
      else text += this.#head();
      text += this.writer.write(delta);
    }
    return text;
  }

  /** Every stream begins with who answers, also of a provider that did not say it. */
  #head(): string {
    if (this.#hasHead) return '';
    this.#hasHead = true;
    return this.writer.write({ kind: 'head', id: null, model: null });
  }
}
