import type { Clock } from '#kernel';
import type { CallSignal } from '../contract/call-signal.js';
import type { ModelCall } from '../contract/model-call.js';
import type {
  FailureClassifier,
  ProviderAdapter,
  UpstreamRequest,
  UpstreamTarget,
} from '../contract/provider-adapter.js';
import { UpstreamClient } from '../contract/upstream-client.js';
import { parseJson } from '../json-value.js';
import type {
  LimitListener,
  ModelsResult,
  ProbeResult,
  UpstreamAnswer,
  UpstreamAttempt,
} from '../contract/upstream-client.js';
import { guardedConnector } from './dial-guard.js';
import { Exchange } from './exchange.js';
import type { ExchangeTerms } from './exchange.js';
import { ModelList } from './model-list.js';
import { OriginPools } from './origin-pools.js';
import { completeOptions } from './upstream-options.js';
import type { UpstreamOptions } from './upstream-options.js';

/** Most providers hold an idle connection for a minute; we let go first. */
const keepAliveTimeoutMs = 30_000;

/** Calls providers over kept-alive HTTP/1.1 connections: one failure then never takes other calls with it. */
export class UndiciUpstreamClient extends UpstreamClient {
  readonly #pools: OriginPools;
  readonly #terms: ExchangeTerms;

  /** @throws RangeError for an option out of its range */
  constructor(
    options: UpstreamOptions,
    private readonly clock: Clock,
  ) {
    super();
    const complete = completeOptions(options);
    const { maxBodyBytes, firstOutputTimeoutMs } = complete;
    this.#terms = { clock, maxBodyBytes, firstOutputTimeoutMs: firstOutputTimeoutMs || Infinity };
    this.#pools = new OriginPools({
      allowH2: false,
      connections: complete.maxConnectionsPerOrigin,
      pipelining: 1,
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: complete.firstByteTimeoutMs,
      bodyTimeout: complete.idleTimeoutMs,
      connect: guardedConnector(complete.privateUpstreams, complete.connectTimeoutMs),
    });
  }

  send(attempt: UpstreamAttempt, signal: CallSignal): Promise<UpstreamAnswer> {
    const { adapter, call, target, classifier = adapter, listener = null } = attempt;
    return this.#exchange(adapter, call, () => adapter.request(call, target), signal, classifier, listener);
  }

  async probe(
    adapter: ProviderAdapter,
    target: Omit<UpstreamTarget, 'model'>,
    signal: CallSignal,
    classifier: FailureClassifier = adapter,
  ): Promise<ProbeResult> {
    const sentAtMs = this.clock.nowMs();
    const answer = await this.#exchange(adapter, null, () => adapter.probe(target), signal, classifier);
    const latencyMs = this.clock.nowMs() - sentAtMs;
    if (answer.kind === 'failed') return { ok: false, latencyMs, failure: answer.failure };
    if (answer.kind === 'complete') return { ok: true, latencyMs, limits: answer.limits };
    return { ok: false, latencyMs, failure: this.#unanswered(classifier, 'AbortError') };
  }

  async models(
    adapter: ProviderAdapter,
    target: Omit<UpstreamTarget, 'model'>,
    signal: CallSignal,
  ): Promise<ModelsResult> {
    const { listModels, readModels } = adapter;
    if (listModels === undefined || readModels === undefined) return { kind: 'unsupported' };
    const list = new ModelList();
    do {
      const build = () => listModels.call(adapter, target, list.next);
      const answer = await this.#exchange(adapter, null, build, signal, adapter);
      if (answer.kind === 'failed') return { kind: 'failed', failure: answer.failure };
      if (answer.kind !== 'complete') return this.#unlisted(adapter, 'AbortError');
      const page = readModels.call(adapter, parseJson(answer.body.toString()));
      if (page === null) return this.#unlisted(adapter, 'ANSWER_NOT_JSON');
      list.add(page);
    } while (list.next !== null);
    return { kind: 'listed', models: list.models };
  }

  /** Closes every connection; calls under way fail. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  #exchange(
    adapter: ProviderAdapter,
    call: ModelCall | null,
    build: () => UpstreamRequest,
    signal: CallSignal,
    classifier: FailureClassifier,
    listener: LimitListener | null = null,
  ): Promise<UpstreamAnswer> {
    if (signal.aborted) return Promise.resolve({ kind: 'aborted', durationMs: 0 });
    let request: UpstreamRequest;
    try {
      request = build();
    } catch {
      const failure = this.#unanswered(classifier, 'BASE_URL_INVALID');
      return Promise.resolve({ kind: 'failed', failure, answer: null, limits: [], durationMs: 0 });
    }
    const exchange = new Exchange(adapter, call, signal, this.#terms, classifier, listener);
    this.#pools.dispatch(request, exchange);
    return exchange.answer;
  }

  #unlisted(adapter: ProviderAdapter, transportCode: string): ModelsResult {
    return { kind: 'failed', failure: this.#unanswered(adapter, transportCode) };
  }

  #unanswered(classifier: FailureClassifier, transportCode: string) {
    return classifier.classify({ status: null, headers: {}, body: null, transportCode }, this.clock.nowMs());
  }
}
