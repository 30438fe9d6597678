import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import {
  CLOCK,
  DomainError,
  pageOf,
  readCursor,
  type AccountId,
  type CallId,
  type Clock,
  type Page,
  type PageRequest,
} from '#kernel';
import { Logger, Metrics, type Counter } from '#observability';
import type { MachineState, TestResult, Transition } from '#pool-core';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { timelineEvent, type TimelineEvent, type TimelineNote } from '../domain/timeline.js';
import { isUuid } from '../domain/uuid.js';
import { PoolStateStore } from '../scheduling/pool-state-store.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { HealthJournal } from './health-journal.js';
import { HealthStore } from './health-store.js';
import { movedEvent } from './moved-event.js';
import { PoolEvents } from './pool-events.js';

/** What a call tells the monitor when it ends. */
export interface ObservedCall {
  readonly pool: string;
  readonly accountId: AccountId;
  readonly callId: CallId;
  /** Class of the failure; `null` when there was none. */
  readonly failed: string | null;
  readonly transitions: readonly Transition[];
}

/** Who or what moved an account. */
type Cause = Partial<Pick<TimelineNote, 'cause' | 'callId' | 'actor'>>;

/**
 * Knows how accounts fare: takes in what calls and tests found, keeps it for after a restart, writes timelines, tells
 * listeners and metrics.
 */
@Injectable()
export class HealthMonitor implements OnApplicationBootstrap {
  private readonly lastUsed = new Map<AccountId, number>();
  private readonly moves: Counter;

  constructor(
    private readonly states: PoolStateStore,
    private readonly journal: HealthJournal,
    private readonly store: HealthStore,
    private readonly directory: PoolDirectory,
    private readonly events: PoolEvents,
    private readonly logger: Logger,
    metrics: Metrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.moves = metrics.counter({
      name: 'pool_transitions_total',
      help: 'Changes of the machine state of accounts.',
      labels: ['provider', 'to'],
    });
    directory.follow(({ accounts }) => {
      for (const id of this.lastUsed.keys()) if (!accounts.has(id)) this.lastUsed.delete(id);
    });
  }

  /** Puts back what was held against accounts before the restart; a rest that has ended is half-open. */
  async onApplicationBootstrap(): Promise<void> {
    const states = await this.store.load();
    this.states.restore(states, this.clock.nowMs());
    if (states.length > 0) this.logger.info('account health restored', { states: states.length });
  }

  /** Takes in the end of a call. Called for every call: does next to nothing when all went well. */
  observe({ pool, accountId, callId, failed, transitions }: ObservedCall, nowMs: number): void {
    this.lastUsed.set(accountId, nowMs);
    this.journal.noteUse(accountId, nowMs);
    if (failed !== null) this.journal.noteChange(accountId);
    if (transitions.length > 0) this.record(pool, transitions, { cause: failed, callId });
  }

  /** Takes in what a test of an account came to; `actor` is `null` for the machine's own. */
  recordTest({ provider, spec }: PoolAccount, result: TestResult, actor: string | null): void {
    const transitions = this.states.recordTest(provider, spec.id, result, this.clock.nowMs());
    this.journal.noteChange(spec.id);
    this.record(provider, transitions, { cause: result.ok ? null : result.failure.class, actor });
  }

  /** Forgives everything that is held against an account. */
  clear(accountId: AccountId, actor: string): void {
    const account = this.directory.account(accountId);
    if (account === null) return;
    const transitions = this.states.clear(account.provider, accountId, this.clock.nowMs());
    this.journal.noteChange(accountId);
    this.note({ accountId, kind: 'cooldown_cleared', actor });
    this.record(account.provider, transitions, { actor });
  }

  /** The provider lists these models for an account: those that it was refused are tried again. */
  offerModels({ provider, spec }: PoolAccount, models: readonly string[]): void {
    const transitions = this.states.offerModels(provider, spec.id, new Set(models), this.clock.nowMs());
    if (transitions.length === 0) return;
    this.journal.noteChange(spec.id);
    this.record(provider, transitions, {});
  }

  /** Takes an account out for a while; never shortens a rest. */
  bench({ provider, spec }: PoolAccount, forMs: number, rule: string): void {
    const transitions = this.states.bench(provider, spec.id, forMs, rule, this.clock.nowMs());
    this.journal.noteChange(spec.id);
    this.record(provider, transitions, {});
  }

  /** What is held against an account as a whole. */
  stateOf({ provider, spec }: PoolAccount): MachineState {
    return this.states.stateOf(provider, spec.id, this.clock.nowMs());
  }

  /** When this process last used an account, ms since the epoch. */
  lastUsedMs(accountId: AccountId): number | null {
    return this.lastUsed.get(accountId) ?? null;
  }

  /** Adds a line to a timeline. */
  note(note: TimelineNote): void {
    this.journal.noteEvent(timelineEvent(note, this.clock.nowMs()));
  }

  /** What happened to an account, newest first. */
  async timeline(accountId: AccountId, { limit, cursor }: PageRequest): Promise<Page<TimelineEvent>> {
    const before = readCursor(cursor);
    if (before !== null && !isUuid(before)) {
      throw new DomainError('invalid_request', 'Unknown cursor.', { field: 'cursor' });
    }
    await this.journal.flush();
    const lines = await this.store.timeline(accountId, limit + 1, before);
    return pageOf(lines, limit, ({ id }) => id);
  }

  private record(pool: string, transitions: readonly Transition[], cause: Cause): void {
    const nowMs = this.clock.nowMs();
    for (const { accountId, model, from, to, rule } of transitions) {
      this.journal.noteChange(accountId);
      this.note({ accountId, kind: 'machine_state', model, from: from.kind, to: to.kind, rule, ...cause });
      this.moves.increment({ provider: pool, to: to.kind });
      this.events.emit(movedEvent(pool, accountId, model, to, rule, nowMs));
      this.logger.info('account moved', { pool, accountId, model, from: from.kind, to: to.kind, rule });
    }
  }
}
