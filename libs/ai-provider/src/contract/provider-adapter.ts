import type { Readable } from 'node:stream';
import type { FailureClass, LimitReading, ProviderFailure, Secret, TokenUsage } from '#kernel';
import type { JudgedCall } from '../failure/callers-words.js';
import type { UpstreamForm } from '../translation/wire-translator.js';
import type { ModelCall, ObjectKind, Operation, WireFormat } from './model-call.js';

/** Headers of an answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** An answer, or its absence, that was no success; what a classifier reads. */
export interface FailedAnswer {
  /** HTTP status; 200 for an error inside a success; `null` when there was no HTTP answer. */
  readonly status: number | null;
  readonly headers: AnswerHeaders;
  /** JSON when it could be parsed, else the text; `null` when there was none. At most 64 KiB are kept. */
  readonly body: unknown;
  /** The code of a transport failure (`ECONNRESET`, `UND_ERR_HEADERS_TIMEOUT`, ...), else `null`. */
  readonly transportCode: string | null;
  /** What was asked, to tell the words of the caller from those of the provider. Default: not known. */
  readonly call?: JudgedCall | null;
}

/** What is sent to a provider. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query; never holds a key. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Opens the body where it is passed on while it arrives; `body` is then `null`. */
  readonly openBody?: (() => Readable) | undefined;
}

/** Where and as whom a call is made. */
export interface UpstreamTarget {
  /** As the provider's own SDK wants it: with `/v1` for OpenAI-like kinds, the bare host for Anthropic and Gemini. */
  readonly baseUrl: string;
  readonly credential: Secret;
  /** The model's name at the provider. */
  readonly model: string;
}

/** Finds the usage in the bytes of a stream without touching them. One per stream. */
export interface StreamReader {
  /** What the bytes handed on are, where that is not what came: frames turned into events. Default: what came. */
  readonly contentType?: string;
  /**
   * Looks at one chunk as it passes.
   *
   * @returns what to hand to the caller: the same chunk, or a shorter copy when an event the caller did not ask for
   *   had to be cut out
   */
  read(chunk: Buffer): Buffer;
  /** Bytes the reader still holds back when the stream has ended; empty most of the time. */
  finish(): Buffer;
  /** Whether the bytes so far contain real output: from then on no other account may take over. */
  readonly outputStarted: boolean;
  /** Usage as far as it is known; `null` until the provider said any. */
  readonly usage: TokenUsage | null;
  /** What the output so far comes to, tokens, >= 0, by its length: for a stream that ends before its usage was told. */
  readonly outputTokensEstimate: number;
  /** An error the provider sent inside the stream, parsed; `null` when there was none. */
  readonly error: unknown;
  /** Whether the stream said that it is complete (`[DONE]`, `message_stop`, a finish reason). */
  readonly completed: boolean;
}

/** How a provider keeps the beginnings of prompts, per account, so that the next call with the same one is cheaper. */
export interface PromptCaching {
  /** Shorter prompts are not kept, or gain next to nothing, tokens, >= 1. */
  readonly minTokens: number;
  /** The longest it says to keep one after its last use, ms, > 0. */
  readonly ttlMs: number;
}

/**
 * What of an answer a provider counts against its token limits when it admits a call, and corrects when the answer has ended:
 * all that the caller allows.
 */
export interface AnswerHold {
  /** Held for a caller who sets no bound, tokens, >= 0. */
  readonly unboundedTokens: number;
}

/** What an API of the provider's own can do about its keys. Declared only: who rotates keys decides by it. */
export interface KeyRotation {
  /** Whether a new key comes beside the others or takes the place of one; `null` where people have to make it. */
  readonly mint: 'adds' | 'replaces' | null;
  readonly revoke: boolean;
  /** Whether keys can be listed: a mint whose reply was lost is found again. */
  readonly list: boolean;
  /** The most keys an account may have at once, >= 1; `null` where no such limit is told. */
  readonly slotLimit: number | null;
}

/** What a provider can do, checked by the provider contract suite. */
export interface ProviderCapabilities {
  readonly operations: readonly Operation[];
  /** What it keeps and hands out by id. Default: nothing. */
  readonly objects?: readonly ObjectKind[];
  /** Those of them that can be answered by a stream of events. */
  readonly streaming: readonly Operation[];
  /** What a successful probe shows: that the key works, or just that somebody answers (servers that ask for no key). */
  readonly probe: 'key' | 'reachability';
  /** `null` where there is no API for keys: replacements are supplied by people. */
  readonly rotation: KeyRotation | null;
  /** Whether answers carry limit headers. */
  readonly limitHeaders: boolean;
  /** `null` where it is not known to keep any. */
  readonly promptCache: PromptCaching | null;
  /** `null` where it is not known to hold more than an answer usually takes. */
  readonly answerHold: AnswerHold | null;
}

/** Says what failures mean: an adapter by itself, or what a pool puts in front of it. */
export interface FailureClassifier {
  /** Says what a failure means. Never throws, whatever the body. */
  classify(answer: FailedAnswer, nowMs: number): ProviderFailure;
}

/** One page of a provider's list of models. */
export interface ModelPage {
  /** Names as calls use them. */
  readonly models: readonly string[];
  /** Where the next page begins; `null` on the last. */
  readonly next: string | null;
}

/** How a credential that is no key itself is exchanged for a token. */
export interface TokenExchange {
  /** The request to whoever issues tokens; it may have to be signed first. */
  request(nowMs: number): UpstreamRequest | Promise<UpstreamRequest>;
  /** @returns `null` when the answer holds no token */
  read(body: unknown, nowMs: number): IssuedToken | null;
}

/** A token as issued. */
export interface IssuedToken {
  readonly token: Secret;
  readonly expiresAtMs: number;
}

/** What an adapter may use to authorise a request. */
export interface Authority {
  nowMs(): number;
  /**
   * The token of a credential: a remembered one while it is good, else one exchanged now; once for all who ask at the
   * same time.
   *
   * @returns a promise only where there is something to wait for; it rejects when the exchange fails
   */
  token(credential: Secret, exchange: TokenExchange): Secret | Promise<Secret>;
}

/** Answers of a provider in the wire format of a caller who speaks another. */
export interface AnswerTranslation {
  /** @returns the bytes of a whole answer; `null` when there is no answer in it */
  answer(body: unknown): Buffer | null;
  /** @returns the bytes of an error; never fails, whatever the body */
  error(failure: FailureClass, status: number, body: Buffer): Buffer;
}

/** Everything this product knows about one kind of provider. Stateless; one instance per process. */
export interface ProviderAdapter extends FailureClassifier {
  /** For example `openai`; what a provider row names, and the prefix in `provider/model`. */
  readonly kind: string;
  /**
   * `null` where the operator must give it (`openai-compatible`). A part in braces (`{region}`) is filled in from the
   * credential.
   */
  readonly defaultBaseUrl: string | null;
  readonly wireFormats: readonly WireFormat[];
  readonly capabilities: ProviderCapabilities;
  /** Which of its wire formats a model speaks. Absent where each model speaks all of them. */
  formatsOf?(model: string): readonly WireFormat[];
  /**
   * A form that no caller speaks and in which this model is asked by those who speak none of its wire formats; `null`: there
   * is none. Absent where there is none for any model.
   */
  ownForm?(model: string): UpstreamForm | null;
  /** Only where one call is served in another wire format than its own; `readStream` then translates too. */
  readonly translation?: AnswerTranslation;

  /** Builds the request: path, authentication, body with the model's name and `include_usage` set where needed. */
  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest;
  /** The cheapest call that shows that a key works: lists models, never a paid completion. */
  probe(target: Omit<UpstreamTarget, 'model'>): UpstreamRequest;
  /**
   * Asks for a page of the models that the key may use. Default: the provider has no such list.
   *
   * @param after the `next` of the page before; `null` for the first
   */
  listModels?(target: Omit<UpstreamTarget, 'model'>, after: string | null): UpstreamRequest;
  /** Reads such a page; `null` for what is no list of models. */
  readModels?(body: unknown): ModelPage | null;
  /**
   * Finishes a request whose authorisation needs a token, the clock or the final bytes. Absent where
   * {@link ProviderAdapter.request} and {@link ProviderAdapter.probe} do it all: it then costs nothing.
   */
  authorize?(
    request: UpstreamRequest,
    target: Omit<UpstreamTarget, 'model'>,
    authority: Authority,
  ): UpstreamRequest | Promise<UpstreamRequest>;
  /**
   * What is wrong with a credential for this base URL, for people and without showing it; `null` when nothing is.
   * Absent where any text may be a key.
   */
  credentialFault?(credential: Secret, baseUrl: string): string | null;
  /** Whether a parsed answer with a 2xx status is an error in disguise. */
  isDisguisedError(body: unknown): boolean;
  /** Reads the limit headers of any answer; an empty list means: nothing said, keep what was known. */
  readLimits(headers: AnswerHeaders, nowMs: number): readonly LimitReading[];
  /** Reads the usage of a complete answer; `null` when it has none. */
  readUsage(body: unknown): TokenUsage | null;
  /** Starts reading one stream for this call. */
  readStream(call: ModelCall): StreamReader;
}
