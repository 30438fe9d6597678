import type { IncomingHttpHeaders } from 'node:http';
import type { LimitRefusal } from '../accounts/admit.js';
import type { Shelf } from '../accounts/shelf.js';
import type { LimitView } from '../accounts/quota.js';
import type { BilledTokens } from '../witness/tally.js';

/** A function the request insists on being called. */
export interface RequiredTool {
  readonly name: string;
  /** JSON schema of its arguments. */
  readonly parameters: unknown;
}

/** What is generated. Each piece is one token and one chunk of a stream. */
export interface Output {
  readonly kind: 'text' | 'tool_call';
  readonly pieces: readonly string[];
  /** All pieces; for a tool call its arguments as JSON. */
  readonly text: string;
  /** The tool's name; empty for text. */
  readonly toolName: string;
  /** Cut by the request's own limit. */
  readonly isCut: boolean;
}

/** What a wire format needs to write an answer. */
export interface Serving {
  /** Unique in this process; wire formats put their prefix before it. */
  readonly id: string;
  readonly nowMs: number;
  readonly model: string;
  readonly usage: Readonly<BilledTokens>;
  /** Prompt tokens written to the cache by this call; only Anthropic tells them. */
  readonly cacheWritten: number;
  readonly output: Output;
}

/** An answer with status 200. */
export type Answer =
  | {
      readonly kind: 'whole';
      readonly contentType: string;
      readonly body: string | Buffer;
      /** Besides those of every answer. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      /** Default `utf8`; `latin1` where a character stands for a byte. */
      readonly encoding?: 'utf8' | 'latin1';
      /** Sent before the first token. */
      readonly opening: string;
      /** The event that carries the token with this index. */
      readonly piece: (index: number) => string;
      readonly pieces: number;
      /** Sent after the last token. */
      readonly closing: string;
      /** How this wire format tells an error after so many tokens. */
      readonly failure: (afterPieces: number) => string;
    };

/** A request as far as the simulator understands it. */
export interface Reading {
  readonly kind: 'reading';
  readonly model: string;
  /** All prompt text in order; empty for calls that cost no tokens. */
  readonly prompt: string;
  readonly inputTokens: number;
  readonly streamed: boolean;
  /** `free`: takes nothing from limits or credit. `input`: generates no tokens. */
  readonly cost: 'free' | 'input' | 'generation';
  /** The request's own cap on output tokens. */
  readonly maxOutputTokens: number | undefined;
  readonly tool: RequiredTool | undefined;
  /** JSON schema the answer must fit; `{}` for any JSON; undefined: words. */
  readonly answerSchema: unknown;
  /** Those of the input that the caller itself has put into a cache. */
  readonly cachedTokens: number;
  /** Only requests with cache marks are cached (Anthropic); all others always are. */
  readonly cacheable: boolean;
  readonly answer: (serving: Serving) => Answer;
}

/** A request the provider calls wrong. */
export interface InvalidRequest {
  readonly kind: 'invalid';
  readonly message: string;
  readonly param: string | null;
}

/** A request for something that the account does not keep. */
export interface NothingKept {
  readonly kind: 'nothing_kept';
  readonly what: string;
  readonly id: string;
}

/** What an operation is given to read. */
export interface OperationRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The model in the path, where the wire format has it there, or the id of a kept thing; else empty. */
  readonly pathModel: string;
  readonly query: string;
  /** Where the provider is reached: `http://host/<provider>`. */
  readonly baseUrl: string;
  readonly nowMs: number;
  /** What the account keeps. */
  readonly shelf: Shelf;
  /** Models of the provider, for listing. */
  readonly models: readonly string[];
}

/** One thing a provider does. */
export interface Operation {
  /** As faults and reports name it. */
  readonly name: string;
  read(request: OperationRequest): Reading | InvalidRequest | NothingKept;
}

/** An operation found by path. */
export interface Route {
  readonly operation: Operation;
  readonly pathModel: string;
}

/** Why a call gets no answer from a model. */
export type Refusal =
  | LimitRefusal
  | InvalidRequest
  | NothingKept
  | { readonly kind: 'no_key' }
  /** `isUnproven`: it is known, but whoever presents it has not shown to have its secret. */
  | { readonly kind: 'key_not_accepted'; readonly presented: string; readonly isUnproven?: boolean }
  | { readonly kind: 'no_such_path'; readonly method: string; readonly path: string }
  | { readonly kind: 'model_unknown'; readonly model: string }
  | { readonly kind: 'body_too_large' }
  | { readonly kind: 'rate_limited_no_hint' }
  | { readonly kind: 'status'; readonly status: number };

/** Whom and what a refusal or a header speaks of. */
export interface Situation {
  readonly requestId: string;
  readonly organisation: string;
  readonly model: string;
  readonly limits: readonly LimitView[];
  readonly nowMs: number;
}

/** A refusal in the provider's words. */
export interface RefusalBody {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What a signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How one family of providers speaks. One folder each, with the same file names. */
export interface Dialect {
  /** The key as this provider's clients present it. */
  presentedKey(headers: IncomingHttpHeaders, query: string): string | undefined;
  /** Whether a request was signed with a key's secret. Absent where keys have none. */
  isProven?(secret: string, request: SignedRequest, nowMs: number): boolean;
  /** @param path what follows the provider's name, with a leading slash and no query */
  route(method: string, path: string): Route | undefined;
  /** Headers of every answer: request id, organisation, limits. */
  headers(situation: Situation): Record<string, string>;
  refuse(refusal: Refusal, situation: Situation): RefusalBody;
  /** Status of a provider that has no capacity left. */
  readonly overloadedStatus: number;
  /** Models listed when the scenario names none. */
  readonly defaultModels: readonly string[];
}
