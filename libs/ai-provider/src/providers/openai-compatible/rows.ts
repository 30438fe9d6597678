import type { Operation } from '../../contract/model-call.js';
import type { AnswerHold, PromptCaching } from '../../contract/provider-adapter.js';
import type { FailureRule } from '../../failure/failure-rule.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';
import { openAiOperations } from './endpoints.js';
import { mistralRules, openRouterRules } from './failure.js';
import {
  anyLimits,
  fireworksLimits,
  groqLimits,
  openAiLimits,
  plainLimits,
  togetherLimits,
  windowedLimits,
  xaiLimits,
} from './limits.js';

/** What tells one OpenAI-compatible provider from another. */
export interface OpenAiCompatibleRow {
  readonly kind: string;
  /** As the OpenAI SDK wants it; `null` where the operator must give it. */
  readonly baseUrl: string | null;
  readonly operations: readonly Operation[];
  /** The headers in which it tells its limits; empty when it tells none. */
  readonly limits: readonly LimitBucket[];
  /** Tried before the general failure rules. Default: none. */
  readonly failureRules?: readonly FailureRule[];
  /** The cheapest path that needs a valid key. Default `/models`. */
  readonly probePath?: string;
  /** Whether the last chunk of a stream carries usage unasked, and `stream_options` may be refused. Default false. */
  readonly sendsUsageUnasked?: boolean;
  /** How it keeps the beginnings of prompts, by itself. Default: not known to. */
  readonly promptCache?: PromptCaching;
  /** What it holds of an answer at admission. Default: not known to. */
  readonly answerHold?: AnswerHold;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The OpenAI-compatible providers known out of the box. */
export const openAiCompatibleRows: readonly OpenAiCompatibleRow[] = [
  {
    kind: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    operations: openAiOperations,
    limits: openAiLimits,
    promptCache: { minTokens: 1_024, ttlMs: hourMs },
    // Counts the larger of `max_tokens` and an estimate by the characters of the request.
    answerHold: { unboundedTokens: 0 },
  },
  {
    kind: 'groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    operations: ['chat_completions', 'responses', 'speech', 'transcriptions'],
    limits: groqLimits,
    promptCache: { minTokens: 1_024, ttlMs: 2 * hourMs },
  },
  {
    kind: 'mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    operations: ['chat_completions', 'embeddings', 'moderations', 'transcriptions'],
    limits: windowedLimits,
    failureRules: mistralRules,
    // Neither length nor time is said.
    promptCache: { minTokens: 1_024, ttlMs: 10 * minuteMs },
    sendsUsageUnasked: true,
  },
  {
    kind: 'deepseek',
    baseUrl: 'https://api.deepseek.com/v1',
    operations: ['chat_completions'],
    limits: [],
    // On disk, for hours to days; the place is worth remembering no longer than this.
    promptCache: { minTokens: 1_024, ttlMs: 6 * hourMs },
  },
  {
    kind: 'xai',
    baseUrl: 'https://api.x.ai/v1',
    operations: ['chat_completions', 'responses', 'image_generations'],
    limits: xaiLimits,
    // Neither length nor time is said.
    promptCache: { minTokens: 1_024, ttlMs: 10 * minuteMs },
  },
  {
    kind: 'together',
    baseUrl: 'https://api.together.xyz/v1',
    operations: [
      'chat_completions',
      'completions',
      'embeddings',
      'image_generations',
      'speech',
      'transcriptions',
    ],
    limits: togetherLimits,
  },
  {
    kind: 'fireworks',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    operations: ['chat_completions', 'completions', 'responses', 'embeddings'],
    limits: fireworksLimits,
    // By default for all models; neither length nor time is said.
    promptCache: { minTokens: 1_024, ttlMs: hourMs },
  },
  {
    kind: 'openrouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    operations: ['chat_completions', 'completions', 'responses', 'embeddings'],
    limits: plainLimits,
    // It stays with the provider it has used for a conversation.
    promptCache: { minTokens: 1_024, ttlMs: 5 * minuteMs },
    failureRules: openRouterRules,
    // Its list of models is public, so it would call any key good.
    probePath: '/key',
  },
  {
    kind: 'cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    operations: ['chat_completions', 'completions'],
    limits: windowedLimits,
    promptCache: { minTokens: 1_024, ttlMs: hourMs },
    // Adds `max_completion_tokens` to the prompt; without a bound, an upper estimate of its own that it does not tell.
    answerHold: { unboundedTokens: 0 },
  },
  { kind: 'openai-compatible', baseUrl: null, operations: openAiOperations, limits: anyLimits },
];
