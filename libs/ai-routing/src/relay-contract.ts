import type { AnswerHeaders, ByteSink, CallSignal, ModelCall, StreamEnd } from '#ai-provider';
import type { AccountId, ApiKeyId, CallId, DomainError, NanoUsd, TokenPrice, TokenUsage } from '#kernel';

/** Which targets a caller may reach. */
export interface TargetPermit {
  /** @param asked the model as the caller named it */
  reaches(asked: string, provider: string, model: string): boolean;
  /** Whether the caller may know that nothing serves the name. */
  knows(asked: string): boolean;
}

/** A call before it is sent. */
export interface MeteredCall {
  readonly callId: CallId;
  readonly inputTokens: number;
  /** The caller's own bound; `null`: it set none. */
  readonly maxOutputTokens: number | null;
  /** Of the target that comes first; `null`: it has none. */
  readonly price: TokenPrice | null;
}

/** What was set aside for a call within its caller's own limits. */
export interface MeterHold {
  /** Ends the call, however it ended; the first time counts. Never throws. */
  settle(tokens: TokenUsage, costNanoUsd: NanoUsd | null): void;
}

/** Keeps a caller within its own limits. */
export interface CallMeter {
  /** @returns why the call may not go on, or a hold that must be settled; a promise only where other processes have a say */
  admit(call: MeteredCall): MeterHold | DomainError | Promise<MeterHold | DomainError>;
}

/** Who asks, as far as routing and accounting need to know. */
export interface RelayCaller {
  /** `null` for the root admin secret and for calls from inside the process. */
  readonly apiKeyId: ApiKeyId | null;
  /** Its share while many wait, relative to the other callers, > 0. */
  readonly weight: number;
  /** `null`: it may reach every target. */
  readonly permit: TargetPermit | null;
  /** `null`: it has no limits of its own. */
  readonly meter: CallMeter | null;
}

/** One call to be relayed. */
export interface RelayRequest {
  readonly call: ModelCall;
  readonly caller: RelayCaller;
  /** The one account that may serve the call, as what it names lies with it. Default: any. */
  readonly boundTo?: { readonly provider: string; readonly accountId: AccountId } | undefined;
  /** Cost attribution. */
  readonly tags: Readonly<Record<string, string>>;
  /** `true`: one attempt, no other account, no other target. It may still wait for the first. */
  readonly noFallback: boolean;
  /** Equal, short text for calls whose prompts begin alike, so that one account serves them; `null` for none. */
  readonly affinity: string | null;
  /**
   * Ends the call. When its reason is a DomainError (the deadline has passed, the process stops), that is the answer;
   * any other reason means that the client has gone.
   */
  readonly signal: CallSignal;
  /** When the signal ends the call at the latest, ms since the epoch: no call waits for an account beyond. */
  readonly deadlineMs: number;
}

/** Who answered, for the response headers. */
export interface AnsweredBy {
  readonly attempts: number;
  readonly provider: string | null;
  readonly accountId: AccountId | null;
}

/** What the caller gets. */
export type RelayAnswer =
  /** A whole answer of the provider: a success, or its own word on a fault of the caller. */
  | {
      readonly kind: 'complete';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: Buffer;
      readonly by: AnsweredBy;
    }
  /** A stream that has begun. `pipe` must be called; it settles the lease and records the usage. */
  | {
      readonly kind: 'stream';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly by: AnsweredBy;
      pipe(sink: ByteSink): Promise<StreamEnd>;
    }
  /** Our own word: no account could serve the call. */
  | { readonly kind: 'refused'; readonly error: DomainError; readonly by: AnsweredBy }
  /** Nobody is left to answer. */
  | { readonly kind: 'client_gone' };
