import type { LimitReading, ProviderFailure, Secret, TokenUsage } from '#kernel';
import type { ModelCall, WireFormat } from '../../contract/model-call.js';
import type {
  Authority,
  FailedAnswer,
  ProviderAdapter,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from '../../contract/provider-adapter.js';
import { classify } from '../../failure/classify.js';
import { endpointOf } from '../../request/base-url.js';
import { requestHeaders } from '../../request/forward-headers.js';
import { faultOf } from '../../request/structured-credential.js';
import { withToken } from '../../request/with-token.js';
import { SseReader } from '../../stream/sse-reader.js';
import { isDisguisedError as isClaudesError } from '../anthropic/answer.js';
import { MessageStream } from '../anthropic/stream.js';
import { readUsage as readClaudesUsage } from '../anthropic/usage.js';
import { isDisguisedError } from '../google/answer.js';
import { failureRules } from '../google/failure.js';
import { ContentStream } from '../google/stream.js';
import { readUsage } from '../google/usage.js';
import { serviceAccountExchange } from './auth.js';
import { locationOf, serviceAccount, vertexBaseUrl } from './credential.js';
import { isClaude, operations, pathOf, probePath } from './endpoints.js';
import { bodyFor } from './request.js';
import { rotation } from './rotation.js';

type ProbeTarget = Omit<UpstreamTarget, 'model'>;

const failures = { kind: 'vertex-ai', rules: failureRules, limits: [] };

/** Gemini in Google's words and Claude in Anthropic's, both by a token of a service account. */
class VertexAiAdapter implements ProviderAdapter {
  readonly kind = 'vertex-ai';
  readonly defaultBaseUrl = 'https://{location}-aiplatform.googleapis.com';
  readonly wireFormats = ['gemini', 'anthropic'] as const;
  readonly capabilities = {
    operations,
    streaming: ['generate_content', 'messages'],
    probe: 'key',
    rotation,
    limitHeaders: false,
    // As at Google AI Studio and at Anthropic; the shorter of both.
    promptCache: { minTokens: 1_024, ttlMs: 600_000 },
    // Tokens of answers are counted as they are written.
    answerHold: null,
  } as const;

  formatsOf(model: string): readonly WireFormat[] {
    return /claude/.test(model) ? ['anthropic'] : ['gemini'];
  }

  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    const account = serviceAccount(target.credential);
    const { origin, prefix } = endpointOf(vertexBaseUrl(target.baseUrl, account));
    const location = locationOf(target.baseUrl, account);
    return {
      method: 'POST',
      origin,
      path: prefix + pathOf(call, target.model, account.project, location),
      headers: requestHeaders(call.forwardHeaders, call.contentType),
      body: bodyFor(call, target.model),
    };
  }

  probe({ baseUrl, credential }: ProbeTarget): UpstreamRequest {
    const { origin, prefix } = endpointOf(vertexBaseUrl(baseUrl, serviceAccount(credential)));
    return { method: 'GET', origin, path: prefix + probePath, headers: requestHeaders({}, null), body: null };
  }

  authorize(
    request: UpstreamRequest,
    { credential }: ProbeTarget,
    authority: Authority,
  ): UpstreamRequest | Promise<UpstreamRequest> {
    const exchange = serviceAccountExchange(serviceAccount(credential));
    return withToken(request, authority.token(credential, exchange));
  }

  credentialFault(credential: Secret, baseUrl: string): string | null {
    return faultOf(() => vertexBaseUrl(baseUrl, serviceAccount(credential)));
  }

  classify(answer: FailedAnswer, nowMs: number): ProviderFailure {
    return classify(answer, failures, nowMs);
  }

  isDisguisedError(body: unknown): boolean {
    return isDisguisedError(body) || isClaudesError(body);
  }

  readLimits(): readonly LimitReading[] {
    return [];
  }

  readUsage(body: unknown): TokenUsage | null {
    return readUsage(body) ?? readClaudesUsage(body);
  }

  readStream(call: ModelCall): StreamReader {
    return new SseReader(isClaude(call) ? new MessageStream() : new ContentStream());
  }
}

/** Vertex AI of Google Cloud. */
export const vertexAi = new VertexAiAdapter();
