import type { LimitReading, ProviderFailure, TokenUsage } from '#kernel';
import type { ModelCall } from '../../contract/model-call.js';
import type {
  AnswerHeaders,
  FailedAnswer,
  ModelPage,
  ProviderAdapter,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from '../../contract/provider-adapter.js';
import { classify } from '../../failure/classify.js';
import { readBuckets } from '../../limits/limit-bucket.js';
import { endpointOf } from '../../request/base-url.js';
import { requestHeaders } from '../../request/forward-headers.js';
import { objectRequest } from '../../request/object-request.js';
import { setText } from '../../request/json-edit.js';
import { SseReader } from '../../stream/sse-reader.js';
import { isDisguisedError } from './answer.js';
import { authorise } from './auth.js';
import { paths, probePath } from './endpoints.js';
import { failureRules } from './failure.js';
import { limits } from './limits.js';
import { modelsPath, readModels } from './models.js';
import { rotation } from './rotation.js';
import { MessageStream } from './stream.js';
import { readUsage } from './usage.js';

const failures = { kind: 'anthropic', rules: failureRules, limits };

/** Anthropic's own API. */
class AnthropicAdapter implements ProviderAdapter {
  readonly kind = 'anthropic';
  readonly defaultBaseUrl = 'https://api.anthropic.com';
  readonly wireFormats = ['anthropic'] as const;
  readonly capabilities = {
    operations: ['messages', 'count_tokens'],
    objects: ['anthropic_files', 'message_batches'],
    streaming: ['messages'],
    probe: 'key',
    rotation,
    limitHeaders: true,
    // What is marked with `cache_control`: 5 minutes, or an hour if the mark says so; by model from 512 to 4,096 tokens on.
    promptCache: { minTokens: 1_024, ttlMs: 3_600_000 },
    // `max_tokens` does not count towards output tokens per minute: they are counted as they are written.
    answerHold: null,
  } as const;

  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    if (call.object !== undefined) {
      const { origin, prefix } = endpointOf(target.baseUrl);
      const headers = authorise(requestHeaders(call.forwardHeaders, call.contentType), target.credential);
      return objectRequest(call, call.object, { origin, prefix: `${prefix}/v1`, headers });
    }
    const path = paths[call.operation];
    if (path === undefined) throw new RangeError(`Anthropic has no operation "${call.operation}"`);
    const { origin, prefix } = endpointOf(target.baseUrl);
    return {
      method: 'POST',
      origin,
      path: prefix + path,
      headers: authorise(requestHeaders(call.forwardHeaders, call.contentType), target.credential),
      body:
        call.json === null || call.json['model'] === target.model
          ? call.body
          : setText(call.body, 'model', call.json['model'], target.model),
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

  readLimits(headers: AnswerHeaders, nowMs: number): readonly LimitReading[] {
    return readBuckets(headers, limits, nowMs);
  }

  readUsage(body: unknown): TokenUsage | null {
    return readUsage(body);
  }

  readStream(): StreamReader {
    return new SseReader(new MessageStream());
  }
}

/** Claude at Anthropic. */
export const anthropic = new AnthropicAdapter();
