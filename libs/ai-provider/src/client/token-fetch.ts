import type { Dispatcher } from 'undici';
import type { ProviderFailure } from '#kernel';
import type { AnswerHeaders, FailedAnswer, FailureClassifier } from '../contract/provider-adapter.js';
import { parseJson } from '../json-value.js';
import { CollectedBytes } from './collected-bytes.js';
import { errorCodeOf } from './error-code.js';
import type { UpstreamHandler } from './origin-pools.js';

/** Answers with tokens have a few KiB. */
const maxAnswerBytes = 65_536;

/** Whoever issues tokens gave none; what it said instead is not shown, it may quote the credential. */
export class TokenDenied extends Error {
  constructor(readonly answer: FailedAnswer) {
    super('no token was issued');
  }
}

/** A request for a token under way. */
export class TokenFetch implements UpstreamHandler {
  readonly #body = Promise.withResolvers<unknown>();
  readonly #collected = new CollectedBytes();
  #status = 0;
  #headers: AnswerHeaders = {};

  /** The answer as parsed. Rejects with {@link TokenDenied} when it is no success, no JSON, or there is none. */
  get body(): Promise<unknown> {
    return this.#body.promise;
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#collected.add(chunk);
    if (this.#collected.size > maxAnswerBytes) controller.abort(new Error('an answer too large for a token'));
  }

  onResponseEnd(): void {
    const text = this.#collected.take().toString();
    const body = parseJson(text);
    const isSuccess = this.#status >= 200 && this.#status < 300;
    if (isSuccess && body !== undefined) this.#body.resolve(body);
    else this.#deny(body ?? text, isSuccess ? 'ANSWER_NOT_JSON' : null);
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    this.#deny(null, errorCodeOf(error));
  }

  #deny(body: unknown, transportCode: string | null): void {
    const status = this.#status === 0 ? null : this.#status;
    this.#body.reject(new TokenDenied({ status, headers: this.#headers, body, transportCode }));
  }
}

/**
 * What a denial means: a refusal is the credential's, whatever the status (OAuth says 400 as a rule); of a breakdown the
 * provider's own classifier knows enough.
 */
export function denialOf(
  kind: string,
  classifier: FailureClassifier,
  { answer }: TokenDenied,
  nowMs: number,
): ProviderFailure {
  const { status, transportCode } = answer;
  const isRefusal = transportCode === null && status !== null && status < 500;
  if (!isRefusal || status === 408 || status === 429) return classifier.classify(answer, nowMs);
  return { class: 'authentication', scope: 'account', rule: `${kind}.token_refused`, retryAfterMs: null };
}
