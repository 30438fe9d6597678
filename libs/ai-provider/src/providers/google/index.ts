import type { LimitReading, ProviderFailure, TokenUsage } from '#kernel';
import type { ModelCall } from '../../contract/model-call.js';
import type {
  FailedAnswer,
  ModelPage,
  ProviderAdapter,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from '../../contract/provider-adapter.js';
import { classify } from '../../failure/classify.js';
import { endpointOf } from '../../request/base-url.js';
import { requestHeaders } from '../../request/forward-headers.js';
import { objectRequest } from '../../request/object-request.js';
import { SseReader } from '../../stream/sse-reader.js';
import { isDisguisedError } from './answer.js';
import { authorise } from './auth.js';
import { pathOf, probePath } from './endpoints.js';
import { failureRules } from './failure.js';
import { modelsPath, readModels } from './models.js';
import { bodyFor } from './request.js';
import { rotation } from './rotation.js';
import { ContentStream } from './stream.js';
import { readUsage } from './usage.js';

const failures = { kind: 'google', rules: failureRules, limits: [] };

/** The Gemini API of Google AI Studio. It tells nothing about limits on a success. */
class GoogleAdapter implements ProviderAdapter {
  readonly kind = 'google';
  readonly defaultBaseUrl = 'https://generativelanguage.googleapis.com';
  readonly wireFormats = ['gemini'] as const;
  readonly capabilities = {
    operations: ['generate_content', 'embed_content', 'batch_embed_contents', 'gemini_count_tokens'],
    objects: ['gemini_files', 'gemini_caches'],
    streaming: ['generate_content'],
    probe: 'key',
    rotation,
    limitHeaders: false,
    // Implicit; from 2,048 tokens on by some models. How long is not said: "a few minutes".
    promptCache: { minTokens: 1_024, ttlMs: 600_000 },
    // Its limits are on tokens of prompts.
    answerHold: null,
  } as const;

  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    const { origin, prefix } = endpointOf(target.baseUrl);
    const headers = authorise(requestHeaders(call.forwardHeaders, call.contentType), target.credential);
    if (call.object !== undefined) return objectRequest(call, call.object, { origin, prefix, headers });
    return {
      method: 'POST',
      origin,
      path: prefix + pathOf(call, target.model),
      headers,
      body: bodyFor(call, target.model),
    };
  }

  probe(target: Omit<UpstreamTarget, 'model'>): UpstreamRequest {
    const { origin, prefix } = endpointOf(target.baseUrl);
    const headers = authorise(requestHeaders({}, null), target.credential);
    return { method: 'GET', origin, path: prefix + probePath, headers, body: null };
  }

  listModels(target: Omit<UpstreamTarget, 'model'>, after: string | null): UpstreamRequest {
    const { origin, prefix } = endpointOf(target.baseUrl);
    const headers = authorise(requestHeaders({}, null), target.credential);
    return { method: 'GET', origin, path: prefix + modelsPath(after), headers, body: null };
  }

  readModels(body: unknown): ModelPage | null {
    return readModels(body);
  }

  classify(answer: FailedAnswer, nowMs: number): ProviderFailure {
    return classify(answer, failures, nowMs);
  }

  isDisguisedError(body: unknown): boolean {
    return isDisguisedError(body);
  }

  readLimits(): readonly LimitReading[] {
    return [];
  }

  readUsage(body: unknown): TokenUsage | null {
    return readUsage(body);
  }

  readStream(): StreamReader {
    return new SseReader(new ContentStream());
  }
}

/** Gemini at Google AI Studio. */
export const google = new GoogleAdapter();
