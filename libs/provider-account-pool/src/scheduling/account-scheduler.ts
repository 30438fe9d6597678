import { Inject, Injectable } from '@nestjs/common';
import type { ProviderAdapter } from '#ai-provider';
import { CLOCK, DomainError, isCallersFault, type AccountId, type Clock, type LimitReading } from '#kernel';
import { Logger } from '#observability';
import { HeldAnswers, OutputEstimate, type Ask, type Reservation } from '#pool-core';
import { ModelCatalogue } from '../catalogue/model-catalogue.js';
import type {
  LeaseDecision,
  LeaseOutcome,
  LeaseRequest,
  PoolRefusal,
  PlacesDecision,
  WaitTerms,
} from '../contract/lease.js';
import type { PoolSnapshot, ProviderPool } from '../domain/pool-snapshot.js';
import { Strategies } from '../domain/strategies.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { PromptTokens } from '../health/prompt-tokens.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { heldOf, keepsPrompt, obstacleOf, servingAdapter } from './adapter-terms.js';
import { PooledLease, type LeaseKeeper } from './pooled-lease.js';
import { explainPool, reportPool } from './pool-report.js';
import type { ExplainRequest, PoolExplanation, PoolReport } from './pool-report.js';
import { poolSetups, queueOptionsByPool } from './pool-setups.js';
import { PoolStateStore } from './pool-state-store.js';
import { waitForFirst, type WaitOutcome } from './pool-wait.js';
import { nobody, othersWait, poolRefusal, refusalOfOnly, stopping } from './refusal.js';
import { WaitingRooms } from './waiting-rooms.js';

const noAccounts: ReadonlySet<AccountId> = new Set();
/** How long a call rather waits for the account that has its prompt warm than goes elsewhere. */
const patienceMs = 1_500;

/** What matters of a call for the choice of an account. */
interface AskingCall extends Omit<LeaseRequest, 'call' | 'callerId' | 'callerWeight'> {
  /** `null` when nobody in particular asks. */
  readonly callerId: string | null;
}

/** Gives out the right to make calls: which account serves which call, now or in turn. Nothing here talks to anybody. */
@Injectable()
export class AccountScheduler implements LeaseKeeper {
  private readonly outputTokens = new OutputEstimate();
  private readonly heldAnswers = new HeldAnswers();

  constructor(
    private readonly states: PoolStateStore,
    private readonly rooms: WaitingRooms,
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    private readonly promptTokens: PromptTokens,
    private readonly logger: Logger,
    private readonly strategies: Strategies,
    private readonly catalogue: ModelCatalogue,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    directory.follow((snapshot) => this.configure(snapshot));
    catalogue.onChange(() => this.configure(directory.snapshot));
  }

  /** Whether the configuration has been read at least once. */
  get loaded(): boolean {
    return this.directory.loaded;
  }

  /** Whether there is a pool of this name, with accounts or without. */
  hasPool(name: string): boolean {
    return this.directory.pool(name) !== null;
  }

  /** Names of all pools. */
  poolNames(): readonly string[] {
    return [...this.directory.snapshot.pools.keys()];
  }

  /**
   * Chooses an account for one upstream call and takes what the call needs of it. Refused while others wait for the pool:
   * nobody is placed past them. The lease must be settled.
   *
   * @param mayWait whether the call waits here if it is refused: it may then wait for the account that has its prompt warm
   */
  acquire(request: LeaseRequest, mayWait = false): LeaseDecision {
    const pool = this.directory.pool(request.provider);
    if (pool === null) return nobody;
    const room = this.rooms.of(pool.name);
    const obstacle = obstacleOf(pool.adapter, request) ?? (room.size > 0 ? othersWait : null);
    if (obstacle !== null) return obstacle;
    const ask = this.askOf(pool.adapter, request, mayWait);
    const nowMs = this.clock.nowMs();
    const decision = this.states.acquire(pool.name, ask, nowMs);
    if (decision.kind === 'refused') {
      const { only } = ask.exclude;
      return only === undefined ? poolRefusal(decision) : refusalOfOnly(decision.refusals.of(only));
    }
    room.noteGrant(request, ask, nowMs);
    return { kind: 'leased', lease: this.lease(pool, request, decision.reservation) };
  }

  /**
   * As {@link AccountScheduler.acquire}, of the first of several places that can serve the call now.
   *
   * @param requests at least one, in order of preference
   */
  acquireFirst(requests: readonly LeaseRequest[]): PlacesDecision {
    const refusals: PoolRefusal[] = [];
    for (const request of requests) {
      const decision = this.acquire(request, requests.length === 1);
      if (decision.kind === 'leased') return decision;
      refusals.push(decision);
    }
    return { kind: 'refused', refusals };
  }

  /**
   * Waits where that helps a call which {@link AccountScheduler.acquireFirst} has refused: in turn with the other callers, no
   * longer than the provider's `maxWaitMs`, and not at all when it would be in vain. The place that serves first wins, and
   * the others are left.
   *
   * @param refused the refusals of all `requests`, in their order
   */
  async waitForFirst(
    requests: readonly LeaseRequest[],
    refused: readonly PoolRefusal[],
    terms: WaitTerms,
  ): Promise<PlacesDecision | { readonly kind: 'aborted' }> {
    const refusals = [...refused];
    const hopeful = requests.flatMap((request, at) => {
      const refusal = refusals[at] as PoolRefusal;
      return this.mayWait(request, refusal) ? [{ request, at }] : [];
    });
    if (hopeful.length === 0) return { kind: 'refused', refusals };

    const outcome = await this.wait(
      hopeful.map(({ request }) => request),
      terms,
    );
    switch (outcome.kind) {
      case 'granted':
        return {
          kind: 'leased',
          lease: this.lease(this.known(outcome.request.provider), outcome.request, outcome.reservation),
        };
      case 'aborted':
        return outcome;
      case 'closed':
        return { kind: 'refused', refusals: [stopping] };
      case 'refused':
        for (const [place, { at }] of hopeful.entries()) {
          refusals[at] = { ...(refusals[at] as PoolRefusal), earliestMs: outcome.retryAtMs[place] ?? null };
        }
        return { kind: 'refused', refusals };
    }
  }

  /** What {@link PooledLease.noteLimits} comes to; not to be called by anybody else. */
  hearLimits({ provider, reservation }: PooledLease, readings: readonly LimitReading[]): void {
    this.states.noteLimits(provider, reservation, readings, this.clock.nowMs());
  }

  /** What {@link PooledLease.settle} comes to; not to be called by anybody else. */
  end({ provider, accountId, request, reservation }: PooledLease, outcome: LeaseOutcome): void {
    const nowMs = this.clock.nowMs();
    const { call, callerId } = request;
    const transitions = this.states.settle(provider, reservation, outcome, nowMs);
    if (outcome.tokens !== null) this.promptTokens.note(provider, outcome.tokens);
    const failed = outcome.kind === 'failed' && !isCallersFault(outcome.failure.class);
    this.health.observe(
      {
        pool: provider,
        accountId,
        callId: call.id,
        failed: failed ? outcome.failure.class : null,
        transitions,
      },
      nowMs,
    );
    if (outcome.kind === 'succeeded' && outcome.tokens !== null) {
      this.outputTokens.learn(callerId, reservation.model, outcome.tokens.output);
    }
    if (outcome.kind === 'failed') {
      const { inputTokens, outputTokens } = reservation;
      this.heldAnswers.learn({ ...request, inputTokens, outputTokens }, outcome, nowMs);
    }
  }

  /**
   * Says of every account of a pool whether it would serve such a call now, and what a caller would get. By the same
   * rules as {@link AccountScheduler.acquire}; changes nothing.
   *
   * @throws DomainError `not_found`
   */
  explain({ estimatedTokens = 1, callerId = null, price = null, ...of }: ExplainRequest): PoolExplanation {
    const pool = this.known(of.provider);
    const call = { ...of, callerId, inputTokens: estimatedTokens, maxOutputTokens: null, price };
    const ask = this.askOf(pool.adapter, { ...call, affinity: null, exclude: noAccounts });
    const nowMs = this.clock.nowMs();
    return explainPool(pool, this.states.explain(pool.name, ask, nowMs), nowMs);
  }

  /**
   * A pool at a glance.
   *
   * @throws DomainError `not_found`
   */
  poolReport(provider: string): PoolReport {
    const pool = this.known(provider);
    return reportPool(pool, this.states, this.clock.nowMs());
  }

  private known(name: string): ProviderPool {
    const pool = this.directory.pool(name);
    if (pool === null) throw new DomainError('not_found', `There is no pool '${name}'.`);
    return pool;
  }

  private wait(
    requests: readonly LeaseRequest[],
    { deadlineMs, signal }: WaitTerms,
  ): Promise<WaitOutcome<LeaseRequest>> {
    const places = requests.map((request) => ({
      room: this.rooms.of(request.provider),
      request,
      asks: {
        ...request,
        ask: this.askOf(this.known(request.provider).adapter, request, requests.length === 1),
        deadlineMs,
      },
    }));
    return waitForFirst(places, signal);
  }

  /** Whether an account that the call has not tried may come to serve it by itself. */
  private mayWait(request: LeaseRequest, refusal: PoolRefusal): boolean {
    if (refusal.why !== 'exhausted' || this.rooms.isClosed) return false;
    if (request.exclude.size === 0) return true;
    const ask = this.askOf(this.known(request.provider).adapter, request);
    return this.states.mayComeToServe(request.provider, ask, this.clock.nowMs());
  }

  /** @param mayWait without it, a call takes what it can get now */
  private askOf(adapter: ProviderAdapter, request: AskingCall, mayWait = false): Ask {
    const { provider, model, inputTokens, maxOutputTokens, price, exclude, callerId } = request;
    const nowMs = this.clock.nowMs();
    const affinity = keepsPrompt(adapter, inputTokens) ? request.affinity : null;
    const outputTokens = this.outputTokens.of(callerId, model, maxOutputTokens);
    const heldOutputTokens =
      heldOf(adapter, maxOutputTokens) ?? this.heldAnswers.of(provider, model, maxOutputTokens, nowMs);
    const isPatient = mayWait && affinity !== null && exclude.size === 0 && !this.rooms.isClosed;
    const patientUntilMs = isPatient ? nowMs + patienceMs : undefined;
    return { model, inputTokens, outputTokens, heldOutputTokens, price, affinity, patientUntilMs, exclude };
  }

  private lease(pool: ProviderPool, request: LeaseRequest, reservation: Reservation): PooledLease {
    const account = this.directory.account(reservation.accountId);
    if (account === null || account.credential === null) {
      throw new Error(`account ${reservation.accountId} was chosen and has no credential`);
    }
    const { baseUrl, credential, spec } = account;
    return new PooledLease(
      pool,
      request,
      servingAdapter(pool.adapter, request, this.clock.nowMs()),
      { baseUrl, credential, model: request.model },
      spec.costFactor,
      reservation,
      this,
    );
  }

  private configure(snapshot: PoolSnapshot): void {
    const { staticPool } = this.options;
    this.rooms.configure(queueOptionsByPool(snapshot));
    const setups = poolSetups(snapshot, this.strategies, staticPool?.coolDownMs, this.catalogue);
    const faults = this.states.configure(setups, this.clock.nowMs());
    for (const [pool, error] of faults)
      this.logger.error('a pool keeps its old configuration', { pool, error });
  }
}
