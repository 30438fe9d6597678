import type { Dispatcher } from 'undici';
import type { Clock, LimitReading, ProviderFailure } from '#kernel';
import type { ModelCall } from '../contract/model-call.js';
import type { AnswerHeaders, ProviderAdapter, StreamReader } from '../contract/provider-adapter.js';
import type { UpstreamAnswer } from '../contract/upstream-client.js';
import type { UnusableAnswerCode } from '../failure/transport-failure.js';
import { errorCodeOf } from './error-code.js';
import { LiveStream } from './live-stream.js';
import type { StreamOwner } from './live-stream.js';
import { decoded, errorDocument, isEncoded, judge, mediaType } from './whole-answer.js';

/** What an exchange is about and whom it tells. */
export interface ExchangeSetup {
  readonly adapter: ProviderAdapter;
  /** `null` for a probe. */
  readonly call: ModelCall | null;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The largest whole answer in bytes. */
  readonly maxBodyBytes: number;
  readonly resolve: (answer: UpstreamAnswer) => void;
}

/** Start-up events held back before the first output; a stream that says more without output is passed on. */
const maxHeldBytes = 262_144;
const hungUp = new Error('the gateway no longer waits for this answer');

/**
 * One request under way, as undici tells of it. It collects an answer, or holds a stream back until its first output;
 * from then on a {@link LiveStream} takes over. Resolves exactly once, whatever happens.
 */
export class Exchange implements Dispatcher.DispatchHandler, StreamOwner {
  readonly #sentAtMs: number;
  #controller: Dispatcher.DispatchController | null = null;
  #settled = false;
  #status = 0;
  #headers: AnswerHeaders = {};
  #firstByteMs: number | null = null;
  #chunks: Buffer[] = [];
  #size = 0;
  #reader: StreamReader | null = null;
  #stream: LiveStream | null = null;

  constructor(private readonly setup: ExchangeSetup) {
    this.#sentAtMs = setup.clock.nowMs();
    setup.signal.addEventListener('abort', this);
  }

  /** The signal fired. */
  handleEvent(): void {
    if (this.#stream === null) this.#settle({ kind: 'aborted', durationMs: this.elapsedMs() });
    else this.#stream.finish('aborted', null);
    this.hangUp();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(hungUp);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    const { adapter, call } = this.setup;
    if (call?.stream && this.#isStream()) this.#reader = adapter.readStream(call);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#firstByteMs ??= this.elapsedMs();
    if (this.#stream !== null) this.#passOn(this.#stream, chunk);
    else if (this.#reader !== null) this.#holdBack(this.#reader, controller, chunk);
    else this.#collect(chunk, this.setup.maxBodyBytes);
  }

  onResponseEnd(): void {
    if (this.#stream !== null) this.#endStream(this.#stream);
    else if (this.#reader !== null) this.#endHeldStream(this.#reader);
    else this.#endWhole();
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const failure = this.#classify(null, errorCodeOf(error));
    if (this.#stream === null) this.#fail(failure, null);
    else this.#stream.finish('failed', failure);
    this.#forgetSignal();
  }

  hangUp(): void {
    this.#forgetSignal();
    this.#controller?.abort(hungUp);
  }

  elapsedMs(): number {
    return this.setup.clock.nowMs() - this.#sentAtMs;
  }

  /** A stream is what was asked for, unless it says that it is something else; servers name streams variously. */
  #isStream(): boolean {
    if (this.#status >= 300 || isEncoded(this.#headers)) return false;
    const type = mediaType(this.#headers);
    return !type.includes('json') && !type.startsWith('text/html');
  }

  #collect(chunk: Buffer, maxBytes: number): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= maxBytes) return;
    this.#fail(this.#unusable('ANSWER_TOO_LARGE'), null);
    this.hangUp();
  }

  #holdBack(reader: StreamReader, controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#collect(reader.read(chunk), Infinity);
    if (reader.error !== null) {
      this.#failByError(reader.error);
      this.hangUp();
    } else if (reader.outputStarted || this.#size > maxHeldBytes) this.#commit(reader, controller);
  }

  #commit(reader: StreamReader, controller: Dispatcher.DispatchController): LiveStream {
    const stream = new LiveStream(this, controller, reader);
    this.#stream = stream;
    for (const chunk of this.#chunks.splice(0)) stream.write(chunk);
    this.#settle({
      kind: 'stream',
      status: this.#status,
      headers: this.#headers,
      stream,
      limits: this.#limits(),
      firstByteMs: this.#firstByteMs ?? this.elapsedMs(),
    });
    return stream;
  }

  #passOn(stream: LiveStream, chunk: Buffer): void {
    const reader = this.#reader;
    if (reader === null) return;
    stream.write(reader.read(chunk));
    if (reader.error === null) return;
    stream.finish('failed', this.#classified(reader.error));
    this.hangUp();
  }

  #endStream(stream: LiveStream): void {
    const reader = this.#reader;
    if (reader?.completed) {
      stream.write(reader.finish());
      stream.finish('completed', null);
    } else stream.finish('failed', this.#unusable('STREAM_CUT'));
    this.#forgetSignal();
  }

  /** Without output to its end: complete all the same, or no stream at all. */
  #endHeldStream(reader: StreamReader): void {
    this.#collect(reader.finish(), Infinity);
    if (reader.error !== null) this.#failByError(reader.error);
    else if (reader.completed || reader.outputStarted) this.#endEmptyStream(reader);
    else this.#endWhole();
    this.#forgetSignal();
  }

  #endEmptyStream(reader: StreamReader): void {
    if (this.#controller !== null) this.#endStream(this.#commit(reader, this.#controller));
  }

  #endWhole(): void {
    const { adapter, call, clock, maxBodyBytes } = this.setup;
    const body = decoded(this.#body(), this.#headers, maxBodyBytes);
    const answer = { status: this.#status, headers: this.#headers, body };
    const verdict = judge(adapter, call, answer, clock.nowMs());
    if (verdict.ok) {
      const firstByteMs = this.#firstByteMs ?? this.elapsedMs();
      this.#settle({
        kind: 'complete',
        ...answer,
        usage: verdict.usage,
        limits: this.#limits(),
        firstByteMs,
      });
    } else this.#fail(verdict.failure, body);
    this.#forgetSignal();
  }

  #body(): Buffer {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  #classified(error: unknown): ProviderFailure {
    return this.#classify(error, null);
  }

  #unusable(code: UnusableAnswerCode): ProviderFailure {
    return this.#classify(null, code);
  }

  #classify(body: unknown, transportCode: string | null): ProviderFailure {
    const { adapter, clock } = this.setup;
    const status = this.#status === 0 ? null : this.#status;
    return adapter.classify({ status, headers: this.#headers, body, transportCode }, clock.nowMs());
  }

  #limits(): readonly LimitReading[] {
    return this.setup.adapter.readLimits(this.#headers, this.setup.clock.nowMs());
  }

  /** An error at the start of a stream is handed on as the document it would have been without a stream. */
  #failByError(error: unknown): void {
    this.#headers = { ...this.#headers, 'content-type': 'application/json' };
    this.#fail(this.#classified(error), errorDocument(error));
  }

  #fail(failure: ProviderFailure, body: Buffer | null): void {
    this.#settle({
      kind: 'failed',
      failure,
      answer: body === null ? null : { status: this.#status, headers: this.#headers, body },
      limits: this.#status === 0 ? [] : this.#limits(),
      durationMs: this.elapsedMs(),
    });
  }

  #settle(answer: UpstreamAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.setup.resolve(answer);
  }

  #forgetSignal(): void {
    this.setup.signal.removeEventListener('abort', this);
  }
}
