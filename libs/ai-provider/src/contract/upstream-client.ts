import type { LimitReading, ProviderFailure, TokenUsage } from '#kernel';
import type { CallSignal } from './call-signal.js';
import type {
  AnswerHeaders,
  FailureClassifier,
  ProviderAdapter,
  UpstreamTarget,
} from './provider-adapter.js';
import type { ModelCall } from './model-call.js';

/** Where the bytes of a stream go; the HTTP layer adapts its response to it. */
export interface ByteSink {
  /** @returns `false` when the reader is slow: wait for {@link ByteSink.drained} before writing more */
  write(chunk: Buffer): boolean;
  /** Resolves when more may be written, or the client has gone. */
  drained(): Promise<void>;
}

/** How a stream ended. */
export interface StreamEnd {
  readonly kind: 'completed' | 'failed' | 'aborted';
  /**
   * As the provider told it. Of what it did not come to tell, or never tells, estimates: by the length of what was written,
   * and of the prompt. `null` when it told none and wrote nothing that can be counted.
   */
  readonly usage: TokenUsage | null;
  /** Only for `failed`: what went wrong after output had started. */
  readonly failure: ProviderFailure | null;
  /** ms from sending the request to the end. */
  readonly durationMs: number;
}

/** A stream whose first real output has arrived and waits to be passed on. Must be piped or cancelled. */
export interface UpstreamStream {
  /** Passes everything on, held-back start-up events first, respecting back-pressure. Never rejects. */
  pipe(sink: ByteSink): Promise<StreamEnd>;
  /** Gives the stream up; the connection is closed. @returns what it had come to */
  cancel(): StreamEnd;
}

/** What the attempt came to. A failure is a value: the caller of the client decides what to do about it. */
export type UpstreamAnswer =
  | {
      readonly kind: 'complete';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: Buffer;
      readonly usage: TokenUsage | null;
      readonly limits: readonly LimitReading[];
      readonly firstByteMs: number;
    }
  | {
      readonly kind: 'stream';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly stream: UpstreamStream;
      /**
       * What it would have failed by, were it given up for a faster one: it has begun below the pace that was asked for.
       * `null`: it has not, or no pace was.
       */
      readonly slow: ProviderFailure | null;
      readonly limits: readonly LimitReading[];
      readonly firstByteMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly failure: ProviderFailure;
      /** The provider's own answer, for passing on; `null` when there was none (transport). */
      readonly answer: {
        readonly status: number;
        readonly headers: AnswerHeaders;
        readonly body: Buffer;
      } | null;
      readonly limits: readonly LimitReading[];
      /** ms from sending the request to knowing that it failed. */
      readonly durationMs: number;
    }
  /** The signal fired first: the client has gone, or the call's deadline has passed. Nobody's failure. */
  | { readonly kind: 'aborted'; readonly durationMs: number };

/** Who wants to know what the head of a stream says of limits before its output comes. */
export interface LimitListener {
  noteLimits(readings: readonly LimitReading[]): void;
}

/** One attempt of a call at one account. */
export interface UpstreamAttempt {
  readonly adapter: ProviderAdapter;
  readonly call: ModelCall;
  readonly target: UpstreamTarget;
  /** Who says what a failure means. Default: the adapter. */
  readonly classifier?: FailureClassifier;
  /** Told once, when a stream begins. Default: nobody. */
  readonly listener?: LimitListener | undefined;
}

/** What a probe of a key came to. */
export type ProbeResult =
  | { readonly ok: true; readonly latencyMs: number; readonly limits: readonly LimitReading[] }
  | { readonly ok: false; readonly latencyMs: number; readonly failure: ProviderFailure };

/** What asking for the models of a key came to; `unsupported`: its provider has no list of them. */
export type ModelsResult =
  | { readonly kind: 'listed'; readonly models: readonly string[] }
  | { readonly kind: 'failed'; readonly failure: ProviderFailure }
  | { readonly kind: 'unsupported' };

/** Makes calls to providers. Never rejects: every way to fail is a value. */
export abstract class UpstreamClient {
  /** Sends one attempt; the answer is complete, a stream with its first output, a classified failure, or aborted. */
  abstract send(attempt: UpstreamAttempt, signal: CallSignal): Promise<UpstreamAnswer>;
  /**
   * Makes the provider's cheapest call with this key.
   *
   * @param classifier who says what a failure means; default: the adapter
   */
  abstract probe(
    adapter: ProviderAdapter,
    target: Omit<UpstreamTarget, 'model'>,
    signal: CallSignal,
    classifier?: FailureClassifier,
  ): Promise<ProbeResult>;
  /** Asks which models a key may use, all pages of it, up to 5,000. */
  abstract models(
    adapter: ProviderAdapter,
    target: Omit<UpstreamTarget, 'model'>,
    signal: CallSignal,
  ): Promise<ModelsResult>;
}
