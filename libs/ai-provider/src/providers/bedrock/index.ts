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
import { recordAt } from '../../json-value.js';
import { endpointOf } from '../../request/base-url.js';
import { requestHeaders } from '../../request/forward-headers.js';
import { faultOf } from '../../request/structured-credential.js';
import { SseReader } from '../../stream/sse-reader.js';
import { isDisguisedError as isClaudesError } from '../anthropic/answer.js';
import { MessageStream } from '../anthropic/stream.js';
import { readUsage as readClaudesUsage } from '../anthropic/usage.js';
import { ChatStream } from '../openai-compatible/chat-stream.js';
import { isDisguisedError } from '../openai-compatible/failure.js';
import { asksForUsage } from '../openai-compatible/request.js';
import { TypedStream } from '../openai-compatible/typed-stream.js';
import { readUsage } from '../openai-compatible/usage.js';
import type { UpstreamForm } from '../../translation/wire-translator.js';
import { authorized } from './auth.js';
import { bedrockBaseUrl, bedrockCredential, regionOf } from './credential.js';
import { isConverses, readUsage as readConversesUsage } from './converse/answer.js';
import { converse } from './converse/index.js';
import { ConverseEvents, eventIn } from './converse/stream.js';
import { controlPlaneOf, operations, pathOf, probePath } from './endpoints.js';
import { apiOf, modelId } from './model.js';
import type { BedrockApi } from './model.js';
import { bodyFor } from './request.js';
import { rotation } from './rotation.js';
import { FramedStream, claudesEventIn } from './stream.js';

/** In which of its wire formats a model is asked; by Converse it is asked in none. */
const formats: Readonly<Record<BedrockApi, readonly WireFormat[]>> = {
  invoke: ['anthropic'],
  openai: ['openai'],
  converse: [],
};

type ProbeTarget = Omit<UpstreamTarget, 'model'>;

// AWS names its errors in a header, or as the type of a frame: the general rules know the names.
const failures = { kind: 'bedrock', rules: [], limits: [] };

/**
 * Claude in Anthropic's words by `InvokeModel`, some in OpenAI's, all others by Converse; by API key or Signature Version 4.
 */
class BedrockAdapter implements ProviderAdapter {
  readonly kind = 'bedrock';
  readonly defaultBaseUrl = 'https://bedrock-runtime.{region}.amazonaws.com';
  readonly wireFormats = ['anthropic', 'openai'] as const;
  readonly capabilities = {
    operations,
    streaming: operations,
    probe: 'key',
    rotation,
    limitHeaders: false,
    // Claude's: what is marked with `cache_control`, for 5 minutes.
    promptCache: { minTokens: 1_024, ttlMs: 300_000 },
    // `max_tokens` is deducted at admission, and what was not written is given back.
    answerHold: { unboundedTokens: 0 },
  } as const;

  formatsOf(model: string): readonly WireFormat[] {
    return formats[apiOf(model) ?? 'invoke'];
  }

  /** Where the name of a model says nothing, callers of Claude get what Claude alone has, and others what every model has. */
  ownForm(model: string): UpstreamForm | null {
    const api = apiOf(model);
    return api === null || api === 'converse' ? converse : null;
  }

  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    const credential = bedrockCredential(target.credential);
    const { origin, prefix } = endpointOf(bedrockBaseUrl(target.baseUrl, credential));
    const headers = requestHeaders(call.forwardHeaders, call.contentType);
    delete headers['anthropic-beta'];
    delete headers['anthropic-version'];
    const model = modelId(target.model);
    const body = bodyFor(call, model);
    return { method: 'POST', origin, path: prefix + pathOf(call, model), headers, body };
  }

  probe({ baseUrl, credential }: ProbeTarget): UpstreamRequest {
    const { origin, prefix } = endpointOf(bedrockBaseUrl(baseUrl, bedrockCredential(credential)));
    const headers = requestHeaders({}, null);
    return { method: 'GET', origin: controlPlaneOf(origin), path: prefix + probePath, headers, body: null };
  }

  authorize(
    request: UpstreamRequest,
    { baseUrl, credential }: ProbeTarget,
    authority: Authority,
  ): UpstreamRequest | Promise<UpstreamRequest> {
    return authorized(request, credential, baseUrl, authority.nowMs());
  }

  credentialFault(credential: Secret, baseUrl: string): string | null {
    return faultOf(() => {
      const parsed = bedrockCredential(credential);
      bedrockBaseUrl(baseUrl, parsed);
      if ('accessKey' in parsed.identity) regionOf(baseUrl, parsed);
    });
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

  /** Claude counts what came from the cache beside the prompt, OpenAI's words within it: what it is has to be told. */
  readUsage(body: unknown): TokenUsage | null {
    if (isConverses(body)) return readConversesUsage(body);
    const isClaudes = recordAt({ body }, 'body')['type'] === 'message';
    return isClaudes ? readClaudesUsage(body) : readUsage(body);
  }

  readStream(call: ModelCall): StreamReader {
    if (call.operation === 'messages') return new FramedStream(new MessageStream(), claudesEventIn);
    if (call.operation === 'converse') return new FramedStream(new ConverseEvents(), eventIn);
    const isChat = call.operation === 'chat_completions';
    return new SseReader(isChat ? new ChatStream(asksForUsage(call)) : new TypedStream());
  }
}

/** Amazon Bedrock. */
export const bedrock = new BedrockAdapter();
