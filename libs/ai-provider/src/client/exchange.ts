import type { Dispatcher } from 'undici';
import type { Clock, LimitReading, ProviderFailure } from '#kernel';
import type { CallSignal } from '../contract/call-signal.js';
import type { ModelCall } from '../contract/model-call.js';
import type {
  AnswerHeaders,
  FailureClassifier,
  ProviderAdapter,
  StreamReader,
  UpstreamRequest,
} from '../contract/provider-adapter.js';
import type { LimitListener, UpstreamAnswer } from '../contract/upstream-client.js';
import type { UnusableAnswerCode } from '../failure/transport-failure.js';
import { ByteReader } from '../stream/byte-reader.js';
import { CollectedBytes } from './collected-bytes.js';
import { errorCodeOf } from './error-code.js';
import { LiveStream } from './live-stream.js';
import type { StreamOwner } from './live-stream.js';
import type { UpstreamHandler } from './origin-pools.js';
import type { Pace } from './pace.js';
import { isAnnounced, isUnannounced } from './stream-detection.js';
import { toldError } from './told-error.js';
import { decoded, errorDocument, isPassedAsBytes, judge, mediaType } from './whole-answer.js';

/** What all exchanges of one client have in common. */
export interface ExchangeTerms {
  readonly clock: Clock;
  /** The largest whole answer in bytes. */
  readonly maxBodyBytes: number;
  /** From the request to the first output of a stream, ms. */
  readonly firstOutputTimeoutMs: number;
  /** `null`: a stream is passed on with its first output, however slow. */
  readonly pace: Pace | null;
}

/** Start-up events held back before the first output; a stream that says more without output is passed on. */
const maxHeldBytes = 262_144;
const hungUp = new Error('the gateway no longer waits for this answer');

/**
 * One request under way, as undici tells of it. It collects an answer, or holds a stream back until its first output;
 * from then on a {@link LiveStream} takes over. Answers exactly once, whatever happens.
 */
export class Exchange implements UpstreamHandler, StreamOwner {
  readonly #answer = Promise.withResolvers<UpstreamAnswer>();
  readonly #sentAtMs: number;
  #controller: Dispatcher.DispatchController | null = null;
  #settled = false;
  #status = 0;
  #headers: AnswerHeaders = {};
  #firstByteMs: number | null = null;
  readonly #collected = new CollectedBytes();
  #reader: StreamReader | null = null;
  #stream: LiveStream | null = null;
  #streamLimits: readonly LimitReading[] = [];
  /** Calls the verdict on the stream's pace off; `null` while none is awaited. */
  #callOff: (() => void) | null = null;

  /**
   * @param call `null` for a probe
   * @param classifier who says what a failure means
   */
  constructor(
    private readonly adapter: ProviderAdapter,
    private readonly call: ModelCall | null,
    private readonly signal: CallSignal,
    private readonly terms: ExchangeTerms,
    private readonly classifier: FailureClassifier,
    private readonly listener: LimitListener | null,
    private readonly sent: UpstreamRequest,
  ) {
    this.#sentAtMs = terms.clock.nowMs();
    signal.addEventListener('abort', this);
  }

  /** Never rejects. */
  get answer(): Promise<UpstreamAnswer> {
    return this.#answer.promise;
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
    const { call } = this;
    if (call?.asBytes && isPassedAsBytes(call, status, headers)) this.#reader = new ByteReader();
    else if (call?.stream && isAnnounced(call, status, headers)) this.#reader = this.adapter.readStream(call);
    if (this.#reader !== null) this.listener?.noteLimits((this.#streamLimits = this.#limits()));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#firstByteMs ??= this.elapsedMs();
    if (this.#stream !== null) this.#passOn(this.#stream, chunk);
    else if (this.#reader !== null) this.#holdBack(this.#reader, controller, chunk);
    else if (this.#collected.size === 0 && isUnannounced(this.call, this.#status, this.#headers, chunk))
      this.#readUnannounced(controller, chunk);
    else this.#collect(chunk);
  }

  onResponseEnd(): void {
    if (this.#stream !== null) this.#endStream(this.#stream);
    else if (this.#reader !== null) this.#endHeldStream(this.#reader);
    else this.#endWhole();
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    // Nothing is missing from a stream that has said its last word.
    if (this.#stream !== null && this.#reader?.completed) return this.#endStream(this.#stream);
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
    return this.terms.clock.nowMs() - this.#sentAtMs;
  }

  #readUnannounced(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.call === null) return;
    this.#headers = { ...this.#headers, 'content-type': 'text/event-stream' };
    this.#reader = this.adapter.readStream(this.call);
    this.#streamLimits = this.#limits();
    this.#holdBack(this.#reader, controller, chunk);
  }

  #collect(chunk: Buffer): void {
    this.#collected.add(chunk);
    if (this.#collected.size <= this.terms.maxBodyBytes) return;
    this.#fail(this.#unusable('ANSWER_TOO_LARGE'), null);
    this.hangUp();
  }

  #holdBack(reader: StreamReader, controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#collected.add(reader.read(chunk));
    if (reader.error !== null) {
      this.#failByError(reader.error);
      this.hangUp();
    } else if (this.#collected.size > maxHeldBytes) this.#commit(reader, controller);
    else if (reader.outputStarted) this.#lookAhead(reader, controller);
    else if (this.elapsedMs() > this.terms.firstOutputTimeoutMs) {
      // Signs of life alone keep no caller waiting; silence is the idle timeout's.
      this.#fail(this.#unusable('FIRST_OUTPUT_TIMEOUT'), null);
      this.hangUp();
    }
  }

  /** A stream that has begun is passed on: at once, or when its pace is known. */
  #lookAhead(reader: StreamReader, controller: Dispatcher.DispatchController): void {
    const { pace } = this.terms;
    const isUnhurried = pace === null || this.call?.asBytes === true || reader.completed;
    if (isUnhurried || reader.outputTokensEstimate >= pace.tokens) this.#commit(reader, controller);
    else {
      const judge = () => this.#commit(reader, controller, this.#slowness(reader));
      this.#callOff ??= pace.after(pace.windowMs, judge);
    }
  }

  /** What cannot be counted (sounds, images, silent thoughts) is not slow. */
  #slowness({ outputTokensEstimate }: StreamReader): ProviderFailure | null {
    return outputTokensEstimate === 0 ? null : this.#unusable('STREAM_TOO_SLOW');
  }

  #commit(
    reader: StreamReader,
    controller: Dispatcher.DispatchController,
    slow: ProviderFailure | null = null,
  ): LiveStream {
    const stream = new LiveStream(this, controller, reader, this.call?.inputTokensEstimate ?? 0);
    this.#stream = stream;
    stream.write(this.#collected.take());
    this.#settle({
      kind: 'stream',
      status: this.#status,
      headers: headersOf(this.#headers, reader),
      stream,
      slow,
      limits: this.#streamLimits,
      firstByteMs: this.#firstByteMs ?? this.elapsedMs(),
    });
    return stream;
  }

  #passOn(stream: LiveStream, chunk: Buffer): void {
    const reader = this.#reader;
    if (reader === null) return;
    stream.write(reader.read(chunk));
    if (reader.error === null) return;
    stream.finish('failed', this.#classify(reader.error, null));
    this.hangUp();
  }

  #endStream(stream: LiveStream): void {
    const rest = this.#reader?.finish();
    if (rest !== undefined && this.#reader?.completed) {
      stream.write(rest);
      stream.finish('completed', null);
    } else stream.finish('failed', this.#unusable('STREAM_CUT'));
    this.#forgetSignal();
  }

  /** Ended before it was passed on: complete all the same, cut off, or no stream at all. */
  #endHeldStream(reader: StreamReader): void {
    this.#collected.add(reader.finish());
    if (reader.error !== null) this.#failByError(reader.error);
    else if (reader.completed) this.#endEmptyStream(reader);
    else if (reader.outputStarted) this.#fail(this.#unusable('STREAM_CUT'), null);
    else this.#endWhole();
    this.#forgetSignal();
  }

  #endEmptyStream(reader: StreamReader): void {
    if (this.#controller !== null) this.#endStream(this.#commit(reader, this.#controller));
  }

  #endWhole(): void {
    const status = this.#status;
    let headers = this.#headers;
    const body = decoded(this.#collected.take(), headers, this.terms.maxBodyBytes);
    const nowMs = this.terms.clock.nowMs();
    const verdict = judge(this.adapter, this.call, { status, headers, body }, nowMs, this.classifier);
    if (verdict.ok) {
      const { usage, body: told } = verdict;
      const limits = this.adapter.readLimits(headers, nowMs);
      const firstByteMs = this.#firstByteMs ?? nowMs - this.#sentAtMs;
      // Official clients parse what is called JSON, and hand on anything else as text.
      if (verdict.isJson && !mediaType(headers).includes('json'))
        headers = { ...headers, 'content-type': 'application/json' };
      this.#settle({ kind: 'complete', status, headers, body: told, usage, limits, firstByteMs });
    } else this.#fail(verdict.failure, body);
    this.#forgetSignal();
  }

  #unusable(code: UnusableAnswerCode): ProviderFailure {
    return this.#classify(null, code);
  }

  #classify(body: unknown, transportCode: string | null): ProviderFailure {
    const status = this.#status === 0 ? null : this.#status;
    const answer = { status, headers: this.#headers, body, transportCode, call: this.call };
    return this.classifier.classify(answer, this.terms.clock.nowMs());
  }

  #limits(): readonly LimitReading[] {
    return this.adapter.readLimits(this.#headers, this.terms.clock.nowMs());
  }

  /** An error at the start of a stream is handed on as the document it would have been without a stream. */
  #failByError(error: unknown): void {
    this.#headers = { ...this.#headers, 'content-type': 'application/json' };
    this.#fail(this.#classify(error, null), errorDocument(error));
  }

  #fail(failure: ProviderFailure, body: Buffer | null): void {
    this.#settle({
      kind: 'failed',
      failure,
      answer: body === null ? null : this.#told(failure, body),
      limits: this.#status === 0 ? [] : this.#limits(),
      durationMs: this.elapsedMs(),
    });
  }

  #told(failure: ProviderFailure, body: Buffer): ReturnType<typeof toldError> {
    const said = { status: this.#status, headers: this.#headers, body };
    return toldError(this.adapter, said, failure, this.sent);
  }

  #settle(answer: UpstreamAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#callOff?.();
    this.#answer.resolve(answer);
  }

  #forgetSignal(): void {
    this.signal.removeEventListener('abort', this);
  }
}

/** The headers of a stream, whose bytes may have become something else on their way. */
const headersOf = (headers: AnswerHeaders, { contentType }: StreamReader): AnswerHeaders =>
  contentType === undefined ? headers : { ...headers, 'content-type': contentType };
