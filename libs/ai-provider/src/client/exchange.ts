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
import { beginsLikeEvents } from '../stream/sse-event.js';
import { withoutSecrets } from './without-secrets.js';
import { decoded, errorDocument, isEncoded, isPassedAsBytes, judge, mediaType } from './whole-answer.js';
import type { WholeAnswer } from './whole-answer.js';

/** What all exchanges of one client have in common. */
export interface ExchangeTerms {
  readonly clock: Clock;
  /** The largest whole answer in bytes. */
  readonly maxBodyBytes: number;
  /** From the request to the first output of a stream, ms. */
  readonly firstOutputTimeoutMs: number;
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
    else if (call?.stream && this.#isStream()) this.#reader = this.adapter.readStream(call);
    if (this.#reader !== null) this.listener?.noteLimits((this.#streamLimits = this.#limits()));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#firstByteMs ??= this.elapsedMs();
    if (this.#stream !== null) this.#passOn(this.#stream, chunk);
    else if (this.#reader !== null) this.#holdBack(this.#reader, controller, chunk);
    else if (this.#isUnannouncedStream(chunk)) this.#readUnannounced(controller, chunk);
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

  /** A stream is what was asked for, unless it says that it is something else; servers name streams variously. */
  #isStream(): boolean {
    if (this.#status >= 300 || isEncoded(this.#headers)) return false;
    const type = mediaType(this.#headers);
    // Whether the form of an upload asks for a stream may stand behind what is read of it.
    if (this.call?.upload !== undefined) return type.startsWith('text/event-stream');
    return !type.includes('json') && !type.startsWith('text/html');
  }

  /** Whether a stream was asked for and has come, under the name of something else. */
  #isUnannouncedStream(chunk: Buffer): boolean {
    if (this.#collected.size > 0 || !this.call?.stream || this.call.asBytes) return false;
    return this.#status < 300 && !isEncoded(this.#headers) && beginsLikeEvents(chunk);
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
    } else if (reader.outputStarted || this.#collected.size > maxHeldBytes) this.#commit(reader, controller);
    else if (this.elapsedMs() > this.terms.firstOutputTimeoutMs) {
      // Signs of life alone keep no caller waiting; silence is the idle timeout's.
      this.#fail(this.#unusable('FIRST_OUTPUT_TIMEOUT'), null);
      this.hangUp();
    }
  }

  #commit(reader: StreamReader, controller: Dispatcher.DispatchController): LiveStream {
    const stream = new LiveStream(this, controller, reader, this.call?.inputTokensEstimate ?? 0);
    this.#stream = stream;
    stream.write(this.#collected.take());
    this.#settle({
      kind: 'stream',
      status: this.#status,
      headers: headersOf(this.#headers, reader),
      stream,
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
    stream.finish('failed', this.#classified(reader.error));
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

  /** Without output to its end: complete all the same, or no stream at all. */
  #endHeldStream(reader: StreamReader): void {
    this.#collected.add(reader.finish());
    if (reader.error !== null) this.#failByError(reader.error);
    else if (reader.completed) this.#endEmptyStream(reader);
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

  #classified(error: unknown): ProviderFailure {
    return this.#classify(error, null);
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
    this.#fail(this.#classified(error), errorDocument(error));
  }

  #fail(failure: ProviderFailure, body: Buffer | null): void {
    this.#settle({
      kind: 'failed',
      failure,
      answer: body === null ? null : this.#toldError(failure, body),
      limits: this.#status === 0 ? [] : this.#limits(),
      durationMs: this.elapsedMs(),
    });
  }

  /** The provider's own words, in the caller's wire format, without the key they may repeat. */
  #toldError(failure: ProviderFailure, bytes: Buffer): WholeAnswer {
    const said = { status: this.#status, headers: this.#headers, body: bytes };
    const told = withoutSecrets(said, this.sent);
    const { translation } = this.adapter;
    if (translation === undefined) return told;
    const headers = { ...told.headers, 'content-type': 'application/json' };
    return { ...told, headers, body: translation.error(failure.class, told.status, told.body) };
  }

  #settle(answer: UpstreamAnswer): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#answer.resolve(answer);
  }

  #forgetSignal(): void {
    this.signal.removeEventListener('abort', this);
  }
}

/** The headers of a stream, whose bytes may have become something else on their way. */
const headersOf = (headers: AnswerHeaders, { contentType }: StreamReader): AnswerHeaders =>
  contentType === undefined ? headers : { ...headers, 'content-type': contentType };
