import { Inject, Injectable } from '@nestjs/common';
import type { ProviderAdapter } from '#ai-provider';
import { CLOCK, DomainError, isCallersFault, type AccountId, type Clock } from '#kernel';
import { Logger } from '#observability';
import type { Ask, PoolOptions, Reservation } from '#pool-core';
import type { LeaseDecision, LeaseOutcome, LeaseRequest } from '../contract/lease.js';
import { poolOptionsOf, ringOptions } from '../domain/pool-settings.js';
import type { PoolSnapshot, ProviderPool } from '../domain/pool-snapshot.js';
import { Strategies } from '../domain/strategies.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { PromptTokens } from '../health/prompt-tokens.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { OutputEstimate } from './output-estimate.js';
import { PooledLease, type LeaseKeeper } from './pooled-lease.js';
import { explainPool, reportPool, type PoolExplanation, type PoolReport } from './pool-report.js';
import { PoolStateStore } from './pool-state-store.js';
import { poolRefusal, unsupported } from './refusal.js';

/** What to explain: a call as a caller would make it. */
export interface ExplainRequest {
  /** Name of a pool. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Prompt tokens, >= 0, default 1. */
  readonly estimatedTokens?: number;
}

const noAccounts: ReadonlySet<AccountId> = new Set();

/** Gives out the right to make calls: which account serves which call, now. Nothing here waits or talks to anybody. */
@Injectable()
export class AccountScheduler implements LeaseKeeper {
  private readonly outputTokens = new OutputEstimate();

  constructor(
    private readonly states: PoolStateStore,
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    private readonly promptTokens: PromptTokens,
    private readonly logger: Logger,
    private readonly strategies: Strategies,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    directory.follow((snapshot) => this.configure(snapshot));
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

  /** Chooses an account for one upstream call and takes what the call needs of it. The lease must be settled. */
  acquire(request: LeaseRequest): LeaseDecision {
    const pool = this.directory.pool(request.provider);
    if (pool === null) return poolRefusal([], null);
    const { adapter } = pool;
    if (!adapter.capabilities.operations.includes(request.operation) || !speaks(adapter, request)) {
      return unsupported;
    }
    const { model, inputTokens, price, exclude } = request;
    const affinity = keepsPrompt(adapter, inputTokens) ? request.affinity : null;
    const outputTokens = this.outputTokens.of(model, request.maxOutputTokens);
    const ask: Ask = { model, inputTokens, outputTokens, price, affinity, exclude };
    const decision = this.states.acquire(pool.name, ask, this.clock.nowMs());
    if (decision.kind === 'refused') return poolRefusal(decision.refusals, decision.earliestMs);
    return { kind: 'leased', lease: this.lease(pool, request, decision.reservation) };
  }

  /** What {@link PooledLease.settle} comes to; not to be called by anybody else. */
  end({ provider, accountId, callId, reservation }: PooledLease, outcome: LeaseOutcome): void {
    const nowMs = this.clock.nowMs();
    const transitions = this.states.settle(provider, reservation, outcome, nowMs);
    if (outcome.tokens !== null) this.promptTokens.note(provider, outcome.tokens);
    const failed = outcome.kind === 'failed' && !isCallersFault(outcome.failure.class);
    this.health.observe(
      { pool: provider, accountId, callId, failed: failed ? outcome.failure.class : null, transitions },
      nowMs,
    );
    if (outcome.kind === 'succeeded' && outcome.tokens !== null) {
      this.outputTokens.learn(reservation.model, outcome.tokens.output);
    }
  }

  /**
   * Says of every account of a pool whether it would serve such a call now, and what a caller would get. By the same
   * rules as {@link AccountScheduler.acquire}; changes nothing.
   *
   * @throws DomainError `not_found`
   */
  explain({ provider, model, estimatedTokens = 1 }: ExplainRequest): PoolExplanation {
    const pool = this.known(provider);
    const outputTokens = this.outputTokens.of(model, null);
    const ask: Ask = {
      model,
      inputTokens: estimatedTokens,
      outputTokens,
      price: null,
      affinity: null,
      exclude: noAccounts,
    };
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

  private lease(pool: ProviderPool, { callId, model }: LeaseRequest, reservation: Reservation): PooledLease {
    const account = this.directory.account(reservation.accountId);
    if (account === null || account.credential === null) {
      throw new Error(`account ${reservation.accountId} was chosen and has no credential`);
    }
    const { baseUrl, credential, spec } = account;
    return new PooledLease(
      pool.name,
      callId,
      pool.adapter,
      { baseUrl, credential, model },
      spec.costFactor,
      reservation,
      this,
    );
  }

  private configure({ pools }: PoolSnapshot): void {
    const setups = [...pools.values()].map(({ name, adapter, provider, accounts }) => ({
      name,
      options: {
        ...promptCacheOf(adapter),
        ...(provider === null
          ? ringOptions(this.options.staticPool?.coolDownMs)
          : poolOptionsOf(this.strategies.of(provider.strategy), provider.settings)),
      },
      specs: accounts.map(({ spec }) => spec),
    }));
    const faults = this.states.configure(setups, this.clock.nowMs());
    for (const [pool, error] of faults)
      this.logger.error('a pool keeps its old configuration', { pool, error });
  }
}

const keepsPrompt = ({ capabilities: { promptCache } }: ProviderAdapter, inputTokens: number): boolean =>
  promptCache !== null && inputTokens >= promptCache.minTokens;

const promptCacheOf = ({ capabilities: { promptCache } }: ProviderAdapter): Partial<PoolOptions> =>
  promptCache === null ? {} : { promptCacheMs: promptCache.ttlMs };

const speaks = ({ wireFormats }: ProviderAdapter, { wireFormat }: LeaseRequest): boolean =>
  wireFormats.includes(wireFormat);
