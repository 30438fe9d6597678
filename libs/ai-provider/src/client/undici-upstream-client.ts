import type { Clock, ProviderFailure } from '#kernel';
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
  ModelsResult,
  ProbeResult,
  UpstreamAnswer,
  UpstreamAttempt,
} from '../contract/upstream-client.js';
import { CredentialFault } from '../request/structured-credential.js';
import { guardedConnector } from './dial-guard.js';
import { Exchange } from './exchange.js';
import type { ExchangeTerms } from './exchange.js';
import { ModelList } from './model-list.js';
import { OriginPools } from './origin-pools.js';
import { systemAlarm } from './pace.js';
import type { Alarm } from './pace.js';
import { TokenCache } from './token-cache.js';
import { TokenDenied, TokenFetch, denialOf } from './token-fetch.js';
import { completeOptions } from './upstream-options.js';
import type { UpstreamOptions } from './upstream-options.js';

/** Most providers hold an idle connection for a minute; we let go first. */
const keepAliveTimeoutMs = 30_000;

/** Calls providers over kept-alive HTTP/1.1 connections: one failure then never takes other calls with it. */
export class UndiciUpstreamClient extends UpstreamClient {
  readonly #pools: OriginPools;
  readonly #terms: ExchangeTerms;
  readonly #tokens: TokenCache;

  /** @throws RangeError for an option out of its range */
  constructor(
    options: UpstreamOptions,
    private readonly clock: Clock,
    after: Alarm = systemAlarm,
  ) {
    super();
    const complete = completeOptions(options);
    const { maxBodyBytes, firstOutputTimeoutMs, streamWindowMs: windowMs } = complete;
    const tokens = (complete.streamFloorTokensPerSecond * windowMs) / 1_000;
    this.#terms = {
      clock,
      maxBodyBytes,
      firstOutputTimeoutMs: firstOutputTimeoutMs || Infinity,
      pace: tokens === 0 ? null : { windowMs, tokens, after },
    };
    this.#tokens = new TokenCache(clock, (request) => this.#fetchToken(request));
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
    return this.#exchange(attempt, () => attempt.adapter.request(attempt.call, attempt.target), signal);
  }

  async probe(
    adapter: ProviderAdapter,
    target: Omit<UpstreamTarget, 'model'>,
    signal: CallSignal,
    classifier: FailureClassifier = adapter,
  ): Promise<ProbeResult> {
    const errand = { adapter, call: null, target, classifier };
    const sentAtMs = this.clock.nowMs();
    const answer = await this.#exchange(errand, () => adapter.probe(target), signal);
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
      const answer = await this.#exchange({ adapter, call: null, target }, build, signal);
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

  #exchange(errand: Errand, build: () => UpstreamRequest, signal: CallSignal): Promise<UpstreamAnswer> {
    if (signal.aborted) return Promise.resolve({ kind: 'aborted', durationMs: 0 });
    const { adapter, target } = errand;
    let request: UpstreamRequest;
    try {
      request = build();
      if (adapter.authorize !== undefined) {
        return this.#authorised(errand, adapter.authorize(request, target, this.#tokens), signal);
      }
    } catch (error) {
      return Promise.resolve(this.#unsent(errand, error, 0));
    }
    return this.#dispatch(errand, request, signal);
  }

  #dispatch(
    { adapter, call, classifier = adapter, listener }: Errand,
    request: UpstreamRequest,
    signal: CallSignal,
  ): Promise<UpstreamAnswer> {
    const heard = listener ?? null;
    const exchange = new Exchange(adapter, call, signal, this.#terms, classifier, heard, request);
    this.#pools.dispatch(request, exchange);
    return exchange.answer;
  }

  #unlisted(adapter: ProviderAdapter, transportCode: string): ModelsResult {
    return { kind: 'failed', failure: this.#unanswered(adapter, transportCode) };
  }

  /** A token may have to be exchanged first. The call may end meanwhile; the exchange goes on for others. */
  async #authorised(
    errand: Errand,
    pending: UpstreamRequest | Promise<UpstreamRequest>,
    signal: CallSignal,
  ): Promise<UpstreamAnswer> {
    const startedAtMs = this.clock.nowMs();
    let request: UpstreamRequest | null;
    try {
      request = pending instanceof Promise ? await unlessAborted(pending, signal) : pending;
    } catch (error) {
      return this.#unsent(errand, error, this.clock.nowMs() - startedAtMs);
    }
    if (request === null) return { kind: 'aborted', durationMs: this.clock.nowMs() - startedAtMs };
    const answer = await this.#dispatch(errand, request, signal);
    // Should it have been the token, the next call does not use it again.
    const isRefusal = answer.kind === 'failed' && answer.failure.class === 'authentication';
    if (isRefusal) this.#tokens.forget(errand.target.credential);
    return answer;
  }

  #fetchToken(request: UpstreamRequest): Promise<unknown> {
    const fetch = new TokenFetch();
    this.#pools.dispatch(request, fetch);
    return fetch.body;
  }

  #unsent({ adapter, classifier = adapter }: Errand, error: unknown, durationMs: number): UpstreamAnswer {
    const failure = this.#failureOf(adapter.kind, classifier, error);
    return { kind: 'failed', failure, answer: null, limits: [], durationMs };
  }

  #failureOf(kind: string, classifier: FailureClassifier, error: unknown): ProviderFailure {
    if (error instanceof TokenDenied) return denialOf(kind, classifier, error, this.clock.nowMs());
    if (!(error instanceof CredentialFault)) return this.#unanswered(classifier, 'BASE_URL_INVALID');
    const rule = `${kind}.credential_malformed`;
    return { class: 'authentication', scope: 'account', rule, retryAfterMs: null };
  }

  #unanswered(classifier: FailureClassifier, transportCode: string): ProviderFailure {
    return classifier.classify({ status: null, headers: {}, body: null, transportCode }, this.clock.nowMs());
  }
}

/** What is to be sent; no call is a probe. */
interface Errand extends Pick<UpstreamAttempt, 'adapter' | 'classifier' | 'listener'> {
  readonly call: ModelCall | null;
  readonly target: Omit<UpstreamTarget, 'model'>;
}

/** Waits, but no longer than until the signal fires: then for `null`. It listens to the signal only meanwhile. */
function unlessAborted<T>(pending: Promise<T>, signal: CallSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const listener = { handleEvent: () => resolve(null) };
    signal.addEventListener('abort', listener);
    pending.finally(() => signal.removeEventListener('abort', listener)).then(resolve, reject);
  });
}
