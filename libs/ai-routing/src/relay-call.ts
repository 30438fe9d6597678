import { Inject, Injectable } from '@nestjs/common';
import { UpstreamClient, type ByteSink, type UpstreamAnswer } from '#ai-provider';
import { UsageRecorder } from '#billing';
import {
  CLOCK,
  DomainError,
  errorCodes,
  isCallersFault,
  noTokens,
  RANDOM,
  type Clock,
  type ProviderFailure,
  type Random,
} from '#kernel';
import {
  AccountAllowances,
  AccountScheduler,
  AllButOne,
  type Lease,
  type LeaseRequest,
} from '#provider-account-pool';
import { CallTrail } from './call-trail.js';
import { mayTryAgain } from './fail-over.js';
import { ownWordOfOnlyAccount } from './only-account.js';
import { placesFor, roomierPlaces, withoutModelOf } from './places.js';
import { boundElsewhere } from './reachable.js';
import { refuse } from './refusal.js';
import type { AnsweredBy, CallMeter, RelayAnswer, RelayRequest } from './relay-contract.js';
import { RetryBudgets } from './retry-budget.js';
import { orderTiers } from './route-plan.js';
import { RouteTable } from './route-table.js';

type Failed = Extract<UpstreamAnswer, { kind: 'failed' }>;
type OwnAnswer = NonNullable<Failed['answer']>;
type Streaming = Extract<UpstreamAnswer, { kind: 'stream' }>;
type Leased = Extract<ReturnType<AccountScheduler['acquireFirst']>, { kind: 'leased' }>;
type Complete = Extract<UpstreamAnswer, { kind: 'complete' }>;

/**
 * The one use case: a call goes in, the answer of some account comes out. The targets of the route in order, on each one
 * account after the other, none twice; when none of them can serve the call now, the first that can within the wait limits;
 * until one answers, the caller is at fault, the pools refuse, or time and retry budget are used up. Every lease is settled
 * and every call leaves exactly one usage record.
 */
@Injectable()
export class RelayCall {
  private readonly retryBudgets = new RetryBudgets();

  constructor(
    private readonly routes: RouteTable,
    private readonly scheduler: AccountScheduler,
    private readonly allowances: AccountAllowances,
    private readonly upstream: UpstreamClient,
    private readonly usage: UsageRecorder,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** Never rejects for anything a provider or a caller did; every outcome is a {@link RelayAnswer}. */
  relay(request: RelayRequest): Promise<RelayAnswer> {
    const trail = new CallTrail(this.clock.nowMs());
    const tiers = this.routes.reachable(request.call.model, request.caller);
    if (tiers instanceof DomainError) return Promise.resolve(this.refused(request, trail, tiers));
    const { boundTo } = request;
    const exclude = boundTo === undefined ? trail.tried : new AllButOne(boundTo.accountId, trail.tried);
    const chain = placesFor(request, orderTiers(tiers, this.random), exclude);
    if (chain.length === 0) return Promise.resolve(this.refused(request, trail, boundElsewhere(request)));
    const places = request.noFallback ? chain.slice(0, 1) : chain;
    const { meter } = request.caller;
    return meter === null
      ? this.tryPlaces(places, request, trail)
      : this.withinLimits(meter, places, request, trail);
  }

  /** Of callers with limits of their own. What those refuse leaves no usage record: the ledger must not grow with it. */
  private async withinLimits(
    meter: CallMeter,
    places: readonly LeaseRequest[],
    request: RelayRequest,
    trail: CallTrail,
  ): Promise<RelayAnswer> {
    const { call } = request;
    const admitted = meter.admit({
      callId: call.id,
      inputTokens: call.inputTokensEstimate,
      maxOutputTokens: call.maxOutputTokens,
      price: places[0]?.price ?? null,
    });
    const verdict = admitted instanceof Promise ? await admitted : admitted;
    if (verdict instanceof DomainError) return { kind: 'refused', error: verdict, by: answeredBy(trail) };
    trail.hold = verdict;
    try {
      return await this.tryPlaces(places, request, trail);
    } catch (error) {
      verdict.settle(noTokens, null);
      throw error;
    }
  }

  private async tryPlaces(
    chain: readonly LeaseRequest[],
    request: RelayRequest,
    trail: CallTrail,
  ): Promise<RelayAnswer> {
    let places = chain;
    let decision: Awaited<ReturnType<AccountScheduler['waitForFirst']>> = this.scheduler.acquireFirst(places);
    for (;;) {
      if (decision.kind === 'refused') {
        decision = await this.scheduler.waitForFirst(places, decision.refusals, request);
      }
      if (decision.kind === 'aborted') return this.aborted(request, trail);
      if (decision.kind === 'refused') {
        trail.refusals = decision.refusals;
        return this.lastWord(request, trail);
      }
      const answer = await this.send(decision.lease, request, trail);
      this.noteEnd(answer, decision.lease, trail);
      switch (answer.kind) {
        case 'complete':
          return this.completed(answer, decision.lease, request, trail);
        case 'stream': {
          const faster = this.fasterPlace(places, answer, decision.lease, request);
          if (faster === null) return this.streaming(answer, decision.lease, request, trail);
          this.giveUp(answer, decision.lease, trail);
          decision = faster;
          break;
        }
        case 'aborted':
          return this.aborted(request, trail);
        case 'failed':
          places = this.placesLeft(places, answer.failure, decision.lease, request);
          if (places.length === 0) return this.lastWord(request, trail);
          places = placesCleared(places, answer.failure, decision.lease, trail);
          decision = this.scheduler.acquireFirst(places);
      }
    }
  }

  private send(lease: Lease, { signal }: RelayRequest, trail: CallTrail): Promise<UpstreamAnswer> {
    if (trail.begin(lease)) this.retryBudgets.of(lease.provider).noteCall(this.clock.nowMs());
    const { adapter, call, classifier, target } = lease;
    return this.upstream.send({ adapter, call, target, classifier, listener: lease }, signal);
  }

  /** An attempt that came to nothing is over: its lease is settled. */
  private noteEnd(answer: UpstreamAnswer, lease: Lease, trail: CallTrail): void {
    const heard = answer.kind === 'failed' ? answer.answer : answer.kind === 'aborted' ? null : answer;
    if (heard !== null) this.allowances.note(lease.accountId, heard.headers);
    if (answer.kind === 'failed') {
      const { failure, limits, durationMs } = answer;
      lease.settle({ kind: 'failed', failure, tokens: null, limits, durationMs });
      trail.end(lease, answer.answer?.status ?? null, failure.class, durationMs);
      trail.lastFailure = answer;
    }
    if (answer.kind === 'aborted') {
      lease.settle({ kind: 'aborted', tokens: null, durationMs: answer.durationMs });
      trail.end(lease, null, 'aborted', answer.durationMs);
    }
  }

  /** Where a call may be sent again after a failure; a pool whose retry budget is used up has done its share. */
  private placesLeft(
    places: readonly LeaseRequest[],
    failure: ProviderFailure,
    lease: Lease,
    { call, noFallback }: RelayRequest,
  ): readonly LeaseRequest[] {
    const verdict = mayTryAgain(call.operation, failure.class);
    if (noFallback || verdict === 'never' || call.upload?.isSpent === true) return [];
    if (verdict === 'where_larger') return roomierPlaces(places, lease);
    const { provider } = lease;
    if (verdict === 'free' || this.retryBudgets.of(provider).tryRetry(this.clock.nowMs())) return places;
    return places.filter((place) => place.provider !== provider);
  }

  /** Who takes a stream over that begins too slowly: only somebody who can at once, for slow is better than nothing. */
  private fasterPlace(
    places: readonly LeaseRequest[],
    { slow }: Streaming,
    lease: Lease,
    request: RelayRequest,
  ): Leased | null {
    if (slow === null) return null;
    const left = this.placesLeft(places, slow, lease, request);
    const decision = left.length === 0 ? null : this.scheduler.acquireFirst(left);
    return decision?.kind === 'leased' ? decision : null;
  }

  private giveUp({ stream, slow, status, limits }: Streaming, lease: Lease, trail: CallTrail): void {
    const { usage: tokens, durationMs } = stream.cancel();
    if (slow !== null) lease.settle({ kind: 'failed', failure: slow, tokens, limits, durationMs });
    trail.end(lease, status, slow?.class ?? null, durationMs);
  }

  private completed(answer: Complete, lease: Lease, request: RelayRequest, trail: CallTrail): RelayAnswer {
    const { status, headers, body, usage: tokens, limits, firstByteMs } = answer;
    const durationMs = firstByteMs;
    trail.firstByteMs = firstByteMs;
    lease.settle({ kind: 'succeeded', tokens, limits, firstByteMs, durationMs });
    trail.end(lease, status, null, durationMs);
    this.usage.record(trail.usage(request, status, tokens, this.clock.nowMs()));
    return { kind: 'complete', status, headers, body, by: answeredBy(trail) };
  }

  private streaming(answer: Streaming, lease: Lease, request: RelayRequest, trail: CallTrail): RelayAnswer {
    const { status, headers, stream, limits, firstByteMs } = answer;
    trail.firstByteMs = firstByteMs;
    const by = { attempts: trail.attempts.length + 1, provider: lease.provider, accountId: lease.accountId };
    const pipe = async (sink: Parameters<typeof stream.pipe>[0]) => {
      const end = await stream.pipe(keptAlive(sink, lease));
      const { usage: tokens, failure, durationMs } = end;
      if (failure !== null) lease.settle({ kind: 'failed', failure, tokens, limits, durationMs });
      else if (end.kind === 'aborted') lease.settle({ kind: 'aborted', tokens, durationMs });
      else lease.settle({ kind: 'succeeded', tokens, limits, firstByteMs, durationMs });
      trail.end(lease, status, end.kind === 'aborted' ? 'aborted' : (failure?.class ?? null), durationMs);
      const isGone = end.kind === 'aborted' && !(request.signal.reason instanceof DomainError);
      this.usage.record(trail.usage(request, isGone ? 499 : status, tokens, this.clock.nowMs()));
      return end;
    };
    return { kind: 'stream', status, headers, by, pipe };
  }

  /** The provider's own word on a fault of the caller, as it is. */
  private callersFault(answer: OwnAnswer, request: RelayRequest, trail: CallTrail): RelayAnswer {
    const status = answer.status < 400 ? 400 : answer.status;
    this.usage.record(trail.usage(request, status, null, this.clock.nowMs()));
    return { kind: 'complete', status, headers: answer.headers, body: answer.body, by: answeredBy(trail) };
  }

  private aborted(request: RelayRequest, trail: CallTrail): RelayAnswer {
    const reason: unknown = request.signal.reason;
    if (reason instanceof DomainError) return this.refused(request, trail, reason);
    this.usage.record(trail.usage(request, 499, null, this.clock.nowMs()));
    return { kind: 'client_gone' };
  }

  private lastWord(request: RelayRequest, trail: CallTrail): RelayAnswer {
    const nowMs = this.clock.nowMs();
    const { lastFailure } = trail;
    const answered = lastFailure?.answer ?? null;
    if (answered !== null && saysMost(lastFailure, trail)) return this.callersFault(answered, request, trail);
    const own = ownWordOfOnlyAccount(trail, nowMs);
    if (own === null) return this.refused(request, trail, refuse(request.call, trail, nowMs));
    this.usage.record(trail.usage(request, own.status, null, nowMs));
    return { kind: 'complete', ...own, by: answeredBy(trail) };
  }

  private refused(request: RelayRequest, trail: CallTrail, error: DomainError): RelayAnswer {
    this.usage.record(trail.usage(request, errorCodes[error.code].status, null, this.clock.nowMs()));
    return { kind: 'refused', error, by: answeredBy(trail) };
  }
}

/** Notes that an account was not to blame, where it may be picked again for another model. @returns the places left */
function placesCleared(
  places: readonly LeaseRequest[],
  { class: failure, scope }: ProviderFailure,
  lease: Lease,
  trail: CallTrail,
): readonly LeaseRequest[] {
  const isTooLong = failure === 'context_length';
  const left = isTooLong ? places : scope === 'model_on_account' ? withoutModelOf(places, lease) : null;
  if (left !== null) trail.clear(lease);
  return left ?? places;
}

/** Whether the provider's own word on the request helps the caller most, and not that it may come back. */
function saysMost(failed: Failed | null, { refusals }: CallTrail): boolean {
  if (failed?.failure.scope === 'request') return true;
  return (
    failed !== null &&
    isCallersFault(failed.failure.class) &&
    !refusals.some(({ why }) => why === 'exhausted')
  );
}

/** Every byte that passes is a sign of life: a long stream's lease must not expire. */
function keptAlive(sink: ByteSink, lease: Lease): ByteSink {
  return {
    write: (chunk) => {
      lease.keepAlive();
      return sink.write(chunk);
    },
    drained: () => sink.drained(),
  };
}

function answeredBy(trail: CallTrail): AnsweredBy {
  const { lease } = trail;
  return {
    attempts: trail.attempts.length,
    provider: lease?.provider ?? null,
    accountId: lease?.accountId ?? null,
  };
}
