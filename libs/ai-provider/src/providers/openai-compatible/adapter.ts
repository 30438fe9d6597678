import type { LimitReading, ProviderFailure, Secret, TokenUsage } from '#kernel';
import type { ModelCall, Operation } from '../../contract/model-call.js';
import type {
  AnswerHeaders,
  FailedAnswer,
  ModelPage,
  ProviderAdapter,
  ProviderCapabilities,
  StreamReader,
  UpstreamRequest,
  UpstreamTarget,
} from '../../contract/provider-adapter.js';
import { classify } from '../../failure/classify.js';
import type { FailureDialect } from '../../failure/classify.js';
import { readBuckets } from '../../limits/limit-bucket.js';
import { endpointOf } from '../../request/base-url.js';
import type { Endpoint } from '../../request/base-url.js';
import { requestHeaders } from '../../request/forward-headers.js';
import { objectRequest, uploadParts } from '../../request/object-request.js';
import { SseReader } from '../../stream/sse-reader.js';
import { authorise } from './auth.js';
import { ChatStream } from './chat-stream.js';
import type { OpenAiDialect } from './dialect.js';
import { pathOf, streamable } from './endpoints.js';
import { isDisguisedError } from './failure.js';
import { anyLimits, readDraftLimit } from './limits.js';
import { readModels } from './models.js';
import { asksForUsage, bodyFor } from './request.js';
import { TypedStream } from './typed-stream.js';
import { readUsage } from './usage.js';

/** Any provider that speaks the OpenAI wire format; its dialect says how it differs. */
export class OpenAiCompatibleAdapter implements ProviderAdapter {
  readonly kind: string;
  readonly defaultBaseUrl: string | null;
  readonly wireFormats = ['openai'] as const;
  readonly capabilities: ProviderCapabilities;
  readonly listModels?: ProviderAdapter['listModels'];
  readonly #failures: FailureDialect;

  constructor(private readonly dialect: OpenAiDialect) {
    this.kind = dialect.kind;
    this.defaultBaseUrl = dialect.baseUrl;
    this.capabilities = {
      operations: dialect.operations,
      objects: dialect.objects ?? [],
      streaming: streamable(dialect.operations),
      probe: dialect.probe ?? 'key',
      rotation: dialect.rotation ?? null,
      limitHeaders: dialect.limits.length > 0,
      promptCache: dialect.promptCache ?? null,
      answerHold: dialect.answerHold ?? null,
    };
    const { modelsPath = '/models' } = dialect;
    if (modelsPath !== null) this.listModels = (target) => this.read(target, modelsPath);
    this.#failures = { kind: dialect.kind, rules: dialect.failureRules ?? [], limits: dialect.limits };
  }

  request(call: ModelCall, target: UpstreamTarget): UpstreamRequest {
    const { origin, prefix } = this.endpoint(target);
    const headers = this.signed(requestHeaders(call.forwardHeaders, call.contentType), target.credential);
    if (call.object !== undefined) return objectRequest(call, call.object, { origin, prefix, headers });
    const path = this.pathOf(prefix, call.operation, target);
    if (call.upload !== undefined) {
      return { method: 'POST', origin, path, ...uploadParts(call.upload, target.model, headers) };
    }
    const body = bodyFor(call, target.model, this.#addsUsage(call));
    return { method: 'POST', origin, path, headers, body };
  }

  probe(target: Omit<UpstreamTarget, 'model'>): UpstreamRequest {
    return this.read(target, this.dialect.probePath ?? '/models');
  }

  readModels(body: unknown): ModelPage | null {
    return readModels(body);
  }

  classify(answer: FailedAnswer, nowMs: number): ProviderFailure {
    return classify(answer, this.#failures, nowMs);
  }

  isDisguisedError(body: unknown): boolean {
    return isDisguisedError(body);
  }

  readLimits(headers: AnswerHeaders, nowMs: number): readonly LimitReading[] {
    const readings = readBuckets(headers, this.dialect.limits, nowMs);
    return this.dialect.limits === anyLimits ? [...readings, ...readDraftLimit(headers, nowMs)] : readings;
  }

  readUsage(body: unknown): TokenUsage | null {
    return readUsage(body);
  }

  readStream(call: ModelCall): StreamReader {
    const isChat = call.operation === 'chat_completions' || call.operation === 'completions';
    return new SseReader(isChat ? new ChatStream(this.#addsUsage(call)) : new TypedStream());
  }

  /** Where a provider is reached. */
  protected endpoint(target: Omit<UpstreamTarget, 'model'>): Endpoint {
    return endpointOf(target.baseUrl);
  }

  /** Puts the key where the provider looks for it, unless the adapter authorises later. */
  protected signed(headers: Record<string, string>, credential: Secret): Record<string, string> {
    return authorise(headers, credential);
  }

  /**
   * The path of an operation.
   *
   * @throws RangeError for an operation of another wire format
   */
  protected pathOf(prefix: string, operation: Operation, _target: UpstreamTarget): string {
    return prefix + pathOf(operation);
  }

  /** A request that reads something, as the caller of no call. */
  protected read(target: Omit<UpstreamTarget, 'model'>, path: string): UpstreamRequest {
    const { origin, prefix } = this.endpoint(target);
    const headers = this.signed(requestHeaders({}, null), target.credential);
    return { method: 'GET', origin, path: prefix + path, headers, body: null };
  }

  #addsUsage(call: ModelCall): boolean {
    return this.dialect.sendsUsageUnasked !== true && asksForUsage(call);
  }
}
