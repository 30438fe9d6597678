import type { FailureClass, LimitReading, ProviderFailure, TokenUsage } from '#kernel';
import type { ModelCall } from '../contract/model-call.js';
import type {
  AnswerHeaders,
  AnswerTranslation,
  FailedAnswer,
  ProviderAdapter,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from '../contract/provider-adapter.js';
import { isRecord, parseJson } from '../json-value.js';
import { errorMessage } from './error-message.js';
import type { TranslatedCall } from './translate-call.js';
import { TranslatedStream } from './translated-stream.js';
import { translators } from './translators.js';
import type { AnswerTerms, UpstreamForm } from './wire-translator.js';

/** An adapter for one call: its provider is asked in its own wire format, its caller is answered in the caller's. */
export class TranslatingAdapter implements ProviderAdapter {
  readonly translation: AnswerTranslation;
  readonly authorize: ProviderAdapter['authorize'];
  readonly #translated: ModelCall;
  readonly #form: UpstreamForm;
  readonly #terms: AnswerTerms;

  /**
   * @param call as it came
   * @param nowMs when the attempt begins: some formats date their answers
   */
  constructor(
    private readonly inner: ProviderAdapter,
    call: ModelCall,
    { call: translated, form, showsThoughts }: TranslatedCall,
    nowMs: number,
  ) {
    this.#translated = translated;
    this.#form = form;
    this.#terms = { call, createdAtMs: nowMs, showsThoughts };
    this.authorize = inner.authorize?.bind(inner);
    this.translation = {
      answer: (body) => this.#answer(body),
      error: (failure, status, body) => this.#error(failure, status, body),
    };
  }

  get kind(): string {
    return this.inner.kind;
  }

  get defaultBaseUrl(): ProviderAdapter['defaultBaseUrl'] {
    return this.inner.defaultBaseUrl;
  }

  get wireFormats(): ProviderAdapter['wireFormats'] {
    return this.inner.wireFormats;
  }

  get capabilities(): ProviderAdapter['capabilities'] {
    return this.inner.capabilities;
  }

  request(_call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    return this.inner.request(this.#translated, target);
  }

  probe(target: Omit<UpstreamTarget, 'model'>): UpstreamRequest {
    return this.inner.probe(target);
  }

  classify(answer: FailedAnswer, nowMs: number): ProviderFailure {
    return this.inner.classify(answer, nowMs);
  }

  isDisguisedError(body: unknown): boolean {
    return this.inner.isDisguisedError(body);
  }

  readLimits(headers: AnswerHeaders, nowMs: number): readonly LimitReading[] {
    return this.inner.readLimits(headers, nowMs);
  }

  readUsage(body: unknown): TokenUsage | null {
    return this.inner.readUsage(body);
  }

  readStream(): StreamReader {
    return new TranslatedStream(
      this.inner.readStream(this.#translated),
      this.#form.deltaReader(this.#terms.call),
      translators[this.#terms.call.wireFormat].deltaWriter(this.#terms),
    );
  }

  #answer(body: unknown): Buffer | null {
    const { call } = this.#terms;
    const answer = isRecord(body) ? this.#form.readAnswer(body, call) : null;
    if (answer === null) return null;
    const written = translators[call.wireFormat].writeAnswer(answer, this.readUsage(body), this.#terms);
    return Buffer.from(JSON.stringify(written));
  }

  #error(failure: FailureClass, status: number, body: Buffer): Buffer {
    const message = errorMessage(parseJson(body.toString()));
    const told = { class: failure, status: status < 400 ? 400 : status, message };
    return Buffer.from(JSON.stringify(translators[this.#terms.call.wireFormat].writeError(told)));
  }
}
