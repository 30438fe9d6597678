import type { ObjectKind, Operation } from '../../contract/model-call.js';
import type {
  AnswerHold,
  KeyRotation,
  PromptCaching,
  ProviderCapabilities,
} from '../../contract/provider-adapter.js';
import type { FailureRule } from '../../failure/failure-rule.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** What tells one OpenAI-compatible provider from another; the `index.ts` of its folder is one. */
export interface OpenAiDialect {
  readonly kind: string;
  /** As the OpenAI SDK wants it; `null` where the operator must give it. */
  readonly baseUrl: string | null;
  readonly operations: readonly Operation[];
  /** What it keeps and hands out by id. Default: nothing. */
  readonly objects?: readonly ObjectKind[];
  /** The headers in which it tells its limits; empty when it tells none. */
  readonly limits: readonly LimitBucket[];
  /** Tried before the general failure rules. Default: none. */
  readonly failureRules?: readonly FailureRule[];
  /** The cheapest path that needs a valid key. Default `/models`. */
  readonly probePath?: string;
  /** Lists the models that calls may name; `null` where no list does. Default `/models`. */
  readonly modelsPath?: string | null;
  /** What a successful probe shows. Default `key`. */
  readonly probe?: ProviderCapabilities['probe'];
  /** What its API for keys can do. Default: there is none. */
  readonly rotation?: KeyRotation;
  /** Whether the last chunk of a stream carries usage unasked, and `stream_options` may be refused. Default false. */
  readonly sendsUsageUnasked?: boolean;
  /** How it keeps the beginnings of prompts, by itself. Default: not known to. */
  readonly promptCache?: PromptCaching;
  /** What it holds of an answer at admission. Default: not known to. */
  readonly answerHold?: AnswerHold;
}
